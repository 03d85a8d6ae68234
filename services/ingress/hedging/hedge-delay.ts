import type { HedgePercentile } from '#config';
import { percentileMs } from '#contracts';
import type { DeploymentLoad } from '#routing';
import type { HedgePolicy } from './hedge-policy.ts';

const SHARES: Readonly<Record<HedgePercentile, number>> = { p50: 0.5, p90: 0.9, p95: 0.95, p99: 0.99 };

type Times = Pick<DeploymentLoad, 'firstTokenTimes' | 'answerTimes'>;

/**
 * Milliseconds after the start of an attempt when a second one is made: so long a deployment takes for all but a few of its answers. Undefined
 * where too little is known of it and no fixed delay is set.
 */
export function hedgeDelayMs(policy: HedgePolicy, stream: boolean, load: Times): number | undefined {
  if (policy.percentile === undefined) return policy.delayMs;
  const times = stream ? load.firstTokenTimes : load.answerTimes;
  const measured = times === undefined ? undefined : percentileMs(times, SHARES[policy.percentile]);
  return measured ?? policy.delayMs;
}
