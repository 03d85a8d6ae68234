import type { LimitsBucket } from '#bus';
import { changeState } from './change-state.ts';
import type { LimitRules } from './limit-rules.ts';
import {
  correctUse,
  HOLDER_TTL_MS,
  type LimitState,
  refresh,
  takeAll,
  type TakeRequest,
  type TakeResult,
  usedAt,
  waitUntil,
} from './limit-state.ts';

/**
 * This worker's hand on one deployment's shared state. Whatever it has to do with it is gathered while a write is under way and goes into
 * the next one, so the writes do not grow with the load; a write that lost the race is decided anew on what the winner left.
 */
export interface SharedLimit {
  /** Rejects while NATS is away. */
  take(request: Omit<TakeRequest, 'worker'>): Promise<TakeResult>;
  /** A call that was granted leaves now. */
  started(grant: { readonly slice: number; readonly grantedAt: number }): void;
  /** A call that was granted is over and has come to so many tokens. */
  ended(grant: { readonly slice: number; readonly tokens: number }, tokens: number): void;
  /** The provider asks for a pause until then (Unix ms by this process's clock). */
  waitUntil(until: number): void;
  /** Calls of this worker under way. */
  readonly calls: number;
  close(): void;
}

export interface SharedLimitOptions {
  readonly key: string;
  readonly rules: LimitRules;
  readonly worker: string;
  readonly bucket: LimitsBucket;
  readonly now: () => number;
  /** What the server's clock is ahead of `now`. */
  readonly offsetMs: () => number;
  readonly random: () => number;
  readonly onError: (error: unknown) => void;
}

interface Asked {
  readonly request: TakeRequest;
  readonly resolve: (result: TakeResult) => void;
  readonly reject: (error: unknown) => void;
}

type Change = (state: LimitState) => LimitState;

/** A call that leaves so soon after its permit came leaves at that time: the margin of the window is longer. */
const PROMPT_MS = 50;
const RENEW_MS = HOLDER_TTL_MS / 4;

export function createSharedLimit(options: SharedLimitOptions): SharedLimit {
  const { rules, worker } = options;
  let asked: Asked[] = [];
  let changes: Change[] = [];
  let calls = 0;
  let told = 0;
  let writing = false;
  const serverNow = (): number => options.now() + options.offsetMs();

  const flush = async (): Promise<void> => {
    if (writing) return;
    writing = true;
    while (asked.length > 0 || changes.length > 0) {
      const [batch, edits] = [asked, changes];
      [asked, changes] = [[], []];
      try {
        await settle(batch, edits);
      } catch (error) {
        for (const one of batch) one.reject(error);
        if (batch.length === 0) options.onError(error);
      }
    }
    writing = false;
  };

  const settle = async (batch: readonly Asked[], edits: readonly Change[]): Promise<void> => {
    tell(batch, await changeState(options, (before) => decide(before, batch, edits)));
  };

  const decide = (before: LimitState, batch: readonly Asked[], edits: readonly Change[]) => {
    const now = serverNow();
    const edited = edits.reduce((current, edit) => edit(current), refresh(before, rules, now));
    const requests = batch.map(({ request }) => request);
    const [state, result] = takeAll(edited, requests, { rules, worker, calls, now });
    const changed = edits.length > 0 || result.some(({ granted }) => granted) || hasNewTicket(before, state);
    return { state, result, changed };
  };

  const tell = (batch: readonly Asked[], results: readonly TakeResult[]): void => {
    for (const [index, { resolve }] of batch.entries()) {
      const result = results[index];
      if (result === undefined) continue;
      if (result.granted) calls += 1;
      resolve(result.granted ? result : { ...result, retryAt: result.retryAt - options.offsetMs() });
    }
    told = calls;
  };

  const change = (edit: Change): void => {
    changes.push(edit);
    void flush();
  };
  const renewal = setInterval(() => {
    if (rules.parallel !== undefined && (calls > 0 || told !== calls)) change((state) => state);
  }, RENEW_MS);
  renewal.unref();

  return {
    get calls() {
      return calls;
    },
    take(request) {
      return new Promise((resolve, reject) => {
        asked.push({ request: { ...request, worker }, resolve, reject });
        void flush();
      });
    },
    started({ slice, grantedAt }) {
      const at = serverNow();
      if (at - grantedAt > PROMPT_MS) change((state) => usedAt(state, slice, at));
    },
    ended(grant, tokens) {
      calls -= 1;
      const difference = rules.tokens === undefined ? 0 : tokens - grant.tokens;
      if (difference !== 0) change((state) => correctUse(state, grant.slice, difference));
      else if (rules.parallel !== undefined) change((state) => state);
    },
    waitUntil(until) {
      change((state) => waitUntil(state, until + options.offsetMs()));
    },
    close: () => clearInterval(renewal),
  };
}

/** A ticket is written when it is new, and again before it lapses. */
function hasNewTicket(before: LimitState, after: LimitState): boolean {
  return after.line.some((ticket) => {
    const known = before.line.find(({ worker, seq }) => worker === ticket.worker && seq === ticket.seq);
    return known === undefined || known.until < ticket.until - TICKET_SLACK_MS;
  });
}

/** Half of what a ticket holds after its time. */
const TICKET_SLACK_MS = 500;
