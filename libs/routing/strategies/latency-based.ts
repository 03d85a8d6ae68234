import type { DeploymentLoad } from '../status/deployment-load.ts';
import { busyness } from './busyness.ts';
import type { Strategy } from './strategy.ts';

/** Below every measured latency, and above every one. */
const FIRST = -2;
const NEAR_BEST = -1;
const UNKNOWN = 1e12;

/**
 * Lowest latency first: of streams the time to the first token, else the time per output token. Deployments within
 * `lowest_latency_buffer` (a share of the lowest) of the best take turns by chance. One that nobody has measured is tried first, but
 * by one request at a time, and not while all it does is fail: else a burst would wait for a deployment of which nothing is known.
 */
export const latencyBased: Strategy = (members, { view, settings, facts, random }) => {
  const latencies = members.map((member) => latencyOf(view.loads[member], facts.stream));
  let lowest = Number.POSITIVE_INFINITY;
  for (const latency of latencies) if (latency !== undefined && latency < lowest) lowest = latency;
  const nearBest = lowest * (1 + settings.latencyBuffer);
  return latencies.map((latency, at) => {
    if (latency === undefined) return scoreUnmeasured(view.loads[members[at] ?? 0]) + random() / 2;
    return latency <= nearBest ? NEAR_BEST + random() / 2 : latency;
  });
};

function latencyOf(load: DeploymentLoad | undefined, stream: boolean): number | undefined {
  return stream ? load?.firstTokenMs : load?.msPerToken;
}

function scoreUnmeasured(load: DeploymentLoad | undefined): number {
  const busy = busyness(load);
  const errors = load?.errors ?? 0;
  return busy === 0 && errors === 0 ? FIRST : UNKNOWN + busy + errors;
}
