import type { AdmissionAsk } from '#contracts';
import type { AdmissionLink } from './admission-link.ts';

/** What is asked and given back in one turn of the event loop leaves in one message: the cost of asking falls as the load rises. */
export interface AdmissionOutbox {
  ask(ask: AdmissionAsk): void;
  release(job: string): void;
  /** Now, and not at the end of the turn. */
  flush(): void;
}

/** Asks and tickets have about 500 bytes, with many tags twice that: below NATS's usual limit of 1 MB for a message. */
export const MOST_IN_MESSAGE = 500;

export function createAdmissionOutbox(ingress: string, link: Pick<AdmissionLink, 'send'>): AdmissionOutbox {
  let asks: AdmissionAsk[] = [];
  let jobs: string[] = [];
  let isDue = false;
  const flush = (): void => {
    isDue = false;
    for (let at = 0; at < asks.length; at += MOST_IN_MESSAGE)
      link.send({ type: 'ask', ingress, asks: asks.slice(at, at + MOST_IN_MESSAGE) });
    // behind the asks: some may be of the same jobs
    if (jobs.length > 0) link.send({ type: 'release', ingress, jobs });
    asks = [];
    jobs = [];
  };
  const flushSoon = (): void => {
    if (isDue) return;
    isDue = true;
    setImmediate(flush);
  };
  return {
    ask(ask) {
      asks.push(ask);
      flushSoon();
    },
    release(job) {
      jobs.push(job);
      flushSoon();
    },
    flush,
  };
}
