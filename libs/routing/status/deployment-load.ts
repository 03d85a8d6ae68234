import { addBuckets, type DeploymentDigest, minuteOf, type TimeBuckets } from '#contracts';

/** What is known of one deployment in the whole cluster. One object per deployment for good: strategies keep hold of it. */
export interface DeploymentLoad {
  readonly id: string;
  /** Calls under way at the workers, as of their last statuses. */
  inFlight: number;
  /** Jobs planned here that no status tells of yet, and their input tokens. */
  expected: number;
  expectedTokens: number;
  /** Jobs of this process that are over and that statuses still count. */
  ended: number;
  /** In the current calendar minute. */
  requests: number;
  tokens: number;
  errors: number;
  /** Averages over the workers; undefined when nothing was measured within the time that measurements hold. */
  firstTokenMs: number | undefined;
  msPerToken: number | undefined;
  outputTokens: number | undefined;
  /** Of all workers, where they tell of it. */
  firstTokenTimes: TimeBuckets | undefined;
  answerTimes: TimeBuckets | undefined;
}

export function createDeploymentLoad(id: string): DeploymentLoad {
  return {
    id,
    inFlight: 0,
    expected: 0,
    expectedTokens: 0,
    ended: 0,
    requests: 0,
    tokens: 0,
    errors: 0,
    firstTokenMs: undefined,
    msPerToken: undefined,
    outputTokens: undefined,
    firstTokenTimes: undefined,
    answerTimes: undefined,
  };
}

/** A digest, and whether its worker is heard of: the calls of a silent one do not count. */
export interface HeardDigest {
  readonly digest: DeploymentDigest;
  readonly silent: boolean;
}

/** Writes the sum over the workers into `load`. Counts of another minute are none of this one. */
export function sumDigests(load: DeploymentLoad, digests: readonly HeardDigest[], now: number, measurementsHoldMs: number): void {
  const minute = minuteOf(now);
  load.inFlight = 0;
  load.requests = 0;
  load.tokens = 0;
  load.errors = 0;
  for (const { digest, silent } of digests) {
    if (!silent) load.inFlight += digest.inFlight;
    if (digest.minute !== minute) continue;
    load.requests += digest.requests;
    load.tokens += digest.tokens;
    load.errors += digest.errors;
  }
  const fresh = digests.filter(({ digest }) => digest.samples > 0 && now - digest.measuredAt < measurementsHoldMs);
  load.firstTokenMs = averageOf(fresh, 'firstTokenMs');
  load.msPerToken = averageOf(fresh, 'msPerToken');
  load.outputTokens = averageOf(fresh, 'outputTokens');
  load.firstTokenTimes = timesOf(fresh, 'firstTokenTimes');
  load.answerTimes = timesOf(fresh, 'answerTimes');
}

function timesOf(digests: readonly HeardDigest[], field: 'firstTokenTimes' | 'answerTimes'): TimeBuckets | undefined {
  let sum: TimeBuckets | undefined;
  for (const { digest } of digests) {
    const times = digest[field];
    if (times !== undefined) sum = sum === undefined ? times : addBuckets(sum, times);
  }
  return sum;
}

function averageOf(digests: readonly HeardDigest[], field: 'firstTokenMs' | 'msPerToken' | 'outputTokens'): number | undefined {
  let sum = 0;
  let weight = 0;
  for (const { digest } of digests) {
    const value = digest[field];
    if (value === undefined) continue;
    sum += value * digest.samples;
    weight += digest.samples;
  }
  return weight === 0 ? undefined : sum / weight;
}
