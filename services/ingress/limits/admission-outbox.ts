import type { AdmissionAsk } from '#contracts';
import type { AdmissionLink } from './admission-link.ts';

/**
 * What is asked and given back in one turn of the event loop leaves in one message; while the leader has a message without an answer, the next ones
 * gather for a millisecond: the cost of asking falls as the load rises, and one that is asked alone leaves at once.
 */
export interface AdmissionOutbox {
  ask(ask: AdmissionAsk): void;
  release(job: string): void;
  /** The leader has spoken: what has gathered may leave. */
  heard(): void;
  /** Now, and not at the end of the turn. */
  flush(): void;
}

/** Asks and tickets have about 500 bytes, with many tags twice that: below NATS's usual limit of 1 MB for a message. */
export const MOST_IN_MESSAGE = 500;
/** An ask that has to wait is not answered: others are held up for no longer than this by it. */
const GATHER_MS = 1;

export function createAdmissionOutbox(ingress: string, link: Pick<AdmissionLink, 'send'>): AdmissionOutbox {
  let asks: AdmissionAsk[] = [];
  let jobs: string[] = [];
  let isDue = false;
  let isUnanswered = false;
  let gathering: NodeJS.Timeout | undefined;
  const flush = (): void => {
    isDue = false;
    clearTimeout(gathering);
    gathering = undefined;
    isUnanswered = asks.length > 0;
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
    if (isUnanswered) gathering = setTimeout(flush, GATHER_MS);
    else setImmediate(flush);
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
    heard() {
      isUnanswered = false;
      if (gathering === undefined) return;
      clearTimeout(gathering);
      gathering = undefined;
      setImmediate(flush);
    },
    flush,
  };
}
