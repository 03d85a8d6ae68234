/**
 * How many calls at a time a deployment takes, found by trying (`concurrency: auto`).
 *
 * Calls are looked at in rounds of as many as are under way. A round that was no slower than the deployment at its best allows one more
 * (twice as many at first, until it has been too many once); a slower one takes a tenth away; an overload (429, 503, 529) takes
 * three tenths at once, and what was under way then tells nothing more. The best time is forgotten slowly, for models change.
 *
 * Measured on a model of a provider that is at its best with 16 calls at a time (`adaptive-limit.test.ts`): 15 to 21 calls and 88 to 94 %
 * of the best goodput of any fixed number where latency climbs with the square of the calls or more steeply, 80 % where it climbs more
 * gently (20 to 29 calls: they are not slow enough to notice).
 */
export interface AdaptiveLimit {
  readonly limit: number;
  readonly calls: number;
  start(): void;
  /** `latencyMs`: to the first token of a stream, to the end of anything else; undefined for calls that say nothing of speed. */
  end(call: { readonly startedAt: number; readonly latencyMs: number | undefined; readonly overloaded: boolean }): void;
}

export interface AdaptiveOptions {
  readonly now: () => number;
  readonly highest: number;
}

const FIRST_LIMIT = 8;
/** A round this much slower than the best one is waiting, not work. */
const SLOWER = 1.2;
const LESS = 0.9;
const LESS_AT_OVERLOAD = 0.7;
const FORGET_PER_ROUND = 1.005;
const SMALLEST_ROUND = 8;

export function createAdaptiveLimit(options: AdaptiveOptions): AdaptiveLimit {
  let limit = Math.min(FIRST_LIMIT, options.highest);
  let calls = 0;
  let doubling = true;
  let bestMs: number | undefined;
  let round = emptyRound();
  /** Calls that began before the last overload tell of a number of calls that is no longer there. */
  let tellsSince = 0;

  const endRound = (): void => {
    const meanMs = round.sumMs / round.count;
    bestMs = Math.min(meanMs, (bestMs ?? meanMs) * FORGET_PER_ROUND);
    const wasFull = round.most >= Math.floor(limit);
    round = emptyRound();
    if (meanMs > bestMs * SLOWER) {
      doubling = false;
      limit = Math.max(1, limit * LESS);
      tellsSince = options.now();
    } else if (wasFull) {
      limit = Math.min(options.highest, doubling ? limit * 2 : limit + 1);
      tellsSince = options.now();
    }
  };

  return {
    get limit() {
      return Math.max(1, Math.floor(limit));
    },
    get calls() {
      return calls;
    },
    start() {
      calls += 1;
      round.most = Math.max(round.most, calls);
    },
    end({ startedAt, latencyMs, overloaded }) {
      calls -= 1;
      if (startedAt < tellsSince) return;
      if (overloaded) {
        doubling = false;
        limit = Math.max(1, limit * LESS_AT_OVERLOAD);
        tellsSince = options.now();
        round = emptyRound();
      } else if (latencyMs !== undefined) {
        round.sumMs += latencyMs;
        round.count += 1;
        if (round.count >= Math.max(SMALLEST_ROUND, limit)) endRound();
      }
    },
  };
}

function emptyRound() {
  return { sumMs: 0, count: 0, most: 0 };
}
