import { type DeploymentDigest, minuteOf, MOST_SAMPLES, STATUS_KEEPALIVE_MS, type TimeBuckets, withAnswer } from '#contracts';

/** What became of a call, for the averages. Times are Unix milliseconds. */
export interface MeteredCall {
  readonly startedAt: number;
  readonly firstTokenAt: number | undefined;
  readonly endedAt: number;
  readonly stream: boolean;
  readonly outputTokens: number;
  /** Input and output. */
  readonly tokens: number;
  readonly result: 'success' | 'failure' | 'timeout' | 'cancelled' | 'overtaken';
}

/** Counts the calls of this worker per deployment; `publish-status.ts` tells the others. */
export interface DeploymentMeter {
  /** A call begins. `inputTokens` is an estimate. The function it returns is to be called once, at the call's end. */
  started(deploymentId: string, inputTokens: number): (call: MeteredCall) => void;
  /** The digests when something has changed since the last time, or calls are under way and it is time to say so again. */
  due(): readonly DeploymentDigest[] | undefined;
  digests(): readonly DeploymentDigest[];
}

interface Count {
  inFlight: number;
  minute: number;
  requests: number;
  tokens: number;
  errors: number;
  firstTokenMs: number | undefined;
  msPerToken: number | undefined;
  outputTokens: number | undefined;
  samples: number;
  measuredAt: number;
  firstTokenTimes: TimeBuckets | undefined;
  answerTimes: TimeBuckets | undefined;
}

/** Weighs about the last ten answers, as many as LiteLLM's averages are over. */
const NEW_SHARE = 2 / (MOST_SAMPLES + 1);
/** Deployments without a call for so long are not told of any more. */
const FORGET_AFTER_MS = 6 * 3_600_000;

export interface MeterOptions {
  /** Times are counted in buckets too. */
  readonly withTimes?: boolean | undefined;
}

export function createDeploymentMeter(now: () => number, { withTimes = false }: MeterOptions = {}): DeploymentMeter {
  const counts = new Map<string, Count & { usedAt: number }>();
  let changed = false;
  let inFlight = 0;
  let toldAt = 0;

  const countOf = (id: string): Count & { usedAt: number } => {
    const at = now();
    const count = counts.get(id) ?? { ...emptyCount(), usedAt: at };
    counts.set(id, count);
    count.usedAt = at;
    if (count.minute !== minuteOf(at)) Object.assign(count, { minute: minuteOf(at), requests: 0, tokens: 0, errors: 0 });
    return count;
  };

  const digests = (): readonly DeploymentDigest[] => {
    const list: DeploymentDigest[] = [];
    for (const [id, { usedAt, ...count }] of counts) {
      if (count.inFlight === 0 && now() - usedAt > FORGET_AFTER_MS) counts.delete(id);
      else list.push({ id, ...count });
    }
    return list;
  };

  return {
    started(id, inputTokens) {
      const count = countOf(id);
      count.inFlight += 1;
      count.requests += 1;
      count.tokens += inputTokens;
      inFlight += 1;
      changed = true;
      return (call) => {
        const ended = countOf(id);
        ended.inFlight -= 1;
        inFlight -= 1;
        changed = true;
        // the estimate stands where the provider never said; what it said beyond it belongs to the minute it is known in
        ended.tokens += Math.max(0, call.tokens - inputTokens);
        take(ended, call);
        if (withTimes) takeTimes(ended, call);
      };
    },
    due() {
      const isDue = changed || (inFlight > 0 && now() - toldAt >= STATUS_KEEPALIVE_MS);
      if (!isDue) return undefined;
      changed = false;
      toldAt = now();
      return digests();
    },
    digests,
  };
}

function emptyCount(): Count {
  return {
    inFlight: 0,
    minute: 0,
    requests: 0,
    tokens: 0,
    errors: 0,
    firstTokenMs: undefined,
    msPerToken: undefined,
    outputTokens: undefined,
    samples: 0,
    measuredAt: 0,
    firstTokenTimes: undefined,
    answerTimes: undefined,
  };
}

/** A failure says nothing about a deployment's speed, but a time-out does: it took at least so long. */
function take(count: Count, call: MeteredCall): void {
  if (call.result === 'failure' || call.result === 'timeout') count.errors += 1;
  if (call.result !== 'success' && call.result !== 'timeout') return;
  const totalMs = call.endedAt - call.startedAt;
  count.samples = Math.min(MOST_SAMPLES, count.samples + 1);
  count.measuredAt = call.endedAt;
  count.msPerToken = average(count.msPerToken, totalMs / Math.max(1, call.outputTokens));
  if (call.stream) count.firstTokenMs = average(count.firstTokenMs, (call.firstTokenAt ?? call.endedAt) - call.startedAt);
  if (call.result === 'success') count.outputTokens = average(count.outputTokens, call.outputTokens);
}

/**
 * A call that was overtaken by a hedge would have taken longer than it was let. It counts with that: without it only quick answers would, and
 * percentiles would fall from hedge to hedge.
 */
function takeTimes(count: Count, call: MeteredCall): void {
  if (call.result === 'failure' || call.result === 'cancelled') return;
  const firstMs = Math.max(0, (call.firstTokenAt ?? call.endedAt) - call.startedAt);
  if (call.stream) count.firstTokenTimes = withAnswer(count.firstTokenTimes ?? [], firstMs);
  else count.answerTimes = withAnswer(count.answerTimes ?? [], firstMs);
}

function average(before: number | undefined, value: number): number {
  const rounded = Math.round(100 * (before === undefined ? value : before + NEW_SHARE * (value - before)));
  return Math.max(0, rounded / 100);
}
