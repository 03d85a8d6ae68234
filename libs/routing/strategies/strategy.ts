import type { RoutingSettings } from '#config';
import type { GroupView } from '../group-view.ts';
import type { GroupPrices } from '../prices/group-prices.ts';
import type { RequestFacts } from '../request-facts.ts';

export interface StrategyContext {
  readonly view: GroupView;
  readonly settings: RoutingSettings;
  readonly facts: RequestFacts;
  /** Unix milliseconds. */
  readonly now: number;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  readonly prices: GroupPrices;
}

/**
 * Ranks deployments: one number for each of `members` (positions in the view), the lowest is tried first. Equal deployments get
 * numbers that differ by chance, so that they share the traffic. Pure but for `random`.
 */
export type Strategy = (members: readonly number[], context: StrategyContext) => number[];
