import type { RoutingStrategy } from '#config';
import { costBased } from './cost-based.ts';
import { latencyBased } from './latency-based.ts';
import { leastBusy } from './least-busy.ts';
import { simpleShuffle } from './simple-shuffle.ts';
import type { Strategy } from './strategy.ts';
import { usageBased } from './usage-based.ts';

export interface StrategyEntry {
  readonly score: Strategy;
  /** Deployments whose `rpm` or `tpm` is used up come after all others, as in LiteLLM's strategies of these names. */
  readonly heedsLimits: boolean;
}

/** By the names of `router_settings.routing_strategy`. */
export const STRATEGIES: Readonly<Record<RoutingStrategy, StrategyEntry>> = {
  'simple-shuffle': { score: simpleShuffle, heedsLimits: false },
  'least-busy': { score: leastBusy, heedsLimits: false },
  'usage-based-routing': { score: usageBased, heedsLimits: true },
  'usage-based-routing-v2': { score: usageBased, heedsLimits: true },
  'latency-based-routing': { score: latencyBased, heedsLimits: true },
  'cost-based-routing': { score: costBased, heedsLimits: true },
};
