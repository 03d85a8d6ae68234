import { type AdmissionAnswer, type AdmissionAsk, GatewayError } from '#contracts';
import { ChurnMap } from '#runtime';
import type { AdmissionLink } from './admission-link.ts';
import type { AdmissionOutbox } from './admission-outbox.ts';

/**
 * Asks without an answer. They are sent again every second: a job's id is its name, so an ask may arrive any number of times. One that is
 * parked at the leader is silent as well; only a message that nobody hears tells that nobody leads.
 */
export interface WaitingAsks {
  add(ask: AdmissionAsk): Promise<AdmissionAnswer>;
  /** Hands the answer to whoever waits for it. Undefined when nobody does. */
  answer(answer: AdmissionAnswer): AdmissionAsk | undefined;
  giveUp(job: string, error: GatewayError): void;
  /** All of them, at once. */
  sendAgain(): void;
  /** Somebody leads. */
  heard(): void;
  /** Several times a second: deadlines, and asks that are to be sent again. */
  tick(): void;
}

const ASK_AGAIN_MS = 1_000;
const NOBODY_LEADS_MS = 10_000;
/** The leader refuses at the deadline; its word is better than ours. */
const DEADLINE_GRACE_MS = 500;

interface Waiting {
  readonly ask: AdmissionAsk;
  sentAt: number;
  readonly resolve: (answer: AdmissionAnswer) => void;
  readonly reject: (error: GatewayError) => void;
}

export interface WaitingAsksOptions {
  readonly ingress: string;
  readonly link: Pick<AdmissionLink, 'sendAndLook'>;
  readonly outbox: Pick<AdmissionOutbox, 'ask' | 'release'>;
  readonly now: () => number;
}

export function createWaitingAsks({ ingress, link, outbox, now }: WaitingAsksOptions): WaitingAsks {
  const waiting = new ChurnMap<Waiting>();
  let missingSince: number | undefined;
  let looking = false;

  const send = (asks: Iterable<Waiting>): void => {
    for (const one of asks) {
      one.sentAt = now();
      outbox.ask(one.ask);
    }
  };
  const look = async ([first, ...rest]: readonly Waiting[]): Promise<void> => {
    if (first === undefined || looking) return;
    looking = true;
    first.sentAt = now();
    send(rest);
    const isHeard = await link.sendAndLook({ type: 'ask', ingress, asks: [first.ask] });
    missingSince = isHeard ? undefined : (missingSince ?? now());
    looking = false;
  };
  const giveUp = (job: string, error: GatewayError): void => {
    const waiter = waiting.get(job);
    if (waiter === undefined) return;
    waiting.delete(job);
    // it may have been admitted meanwhile, the answer lost
    outbox.release(job);
    waiter.reject(error);
  };

  return {
    add: (ask) =>
      new Promise((resolve, reject) => {
        waiting.set(ask.job, { ask, sentAt: now(), resolve, reject });
        outbox.ask(ask);
      }),
    answer(answer) {
      const waiter = waiting.get(answer.job);
      waiting.delete(answer.job);
      waiter?.resolve(answer);
      return waiter?.ask;
    },
    giveUp,
    sendAgain: () => send(waiting.values()),
    heard() {
      missingSince = undefined;
    },
    tick() {
      const at = now();
      const nobodyLeads = missingSince !== undefined && at - missingSince >= NOBODY_LEADS_MS;
      for (const [job, { ask }] of waiting.entries()) {
        if (nobodyLeads) giveUp(job, noLeader());
        else if (at >= ask.deadlineAt + DEADLINE_GRACE_MS) giveUp(job, tooLate());
      }
      if (waiting.size === 0) missingSince = undefined;
      else void look([...waiting.values()].filter(({ sentAt }) => at - sentAt >= ASK_AGAIN_MS));
    },
  };
}

function noLeader(): GatewayError {
  return new GatewayError('service_unavailable', 'Budgets and limits can’t be checked at this moment. Try again.', { retryAfterMs: 2_000 });
}

function tooLate(): GatewayError {
  return new GatewayError('queue_timeout', 'The request waited for its budgets and limits until its deadline.');
}
