import { ALWAYS_AVAILABLE, type Availability } from './availability.ts';
import { createGroupViews, type GroupViews, type KnownInputLimit } from './group-view.ts';
import { type CostOf, createGroupPrices, type GroupPrices } from './prices/group-prices.ts';
import type { StatusBoard } from './status/status-board.ts';

/** What planning knows beyond the request: the load, health and prices of deployments. One per process. */
export interface RoutingState {
  readonly board: StatusBoard;
  readonly availability: Availability;
  readonly views: GroupViews;
  readonly prices: GroupPrices;
}

export interface RoutingStateOptions {
  readonly board: StatusBoard;
  readonly costOf: CostOf;
  readonly availability?: Availability | undefined;
  readonly knownLimit?: KnownInputLimit | undefined;
}

export function createRoutingState({ board, costOf, availability = ALWAYS_AVAILABLE, knownLimit }: RoutingStateOptions): RoutingState {
  return { board, availability, views: createGroupViews(board, knownLimit), prices: createGroupPrices(costOf) };
}
