import type { IncomingHttpHeaders } from 'node:http';
import { GatewayError, ROUTE_TIERS, type RouteTier } from '#contracts';

export const TIER_HEADER = 'x-headrace-route-tier';
export const SHARE_HEADER = 'x-headrace-cost-share';

/** What a request says of how an auto group is to choose for it. */
export interface RouteWish {
  readonly tier: RouteTier | undefined;
  /** 0 to 1. */
  readonly costShare: number | undefined;
}

/** Throws `invalid_request` naming the header. */
export function routeWish(headers: IncomingHttpHeaders): RouteWish {
  return { tier: readTier(headers[TIER_HEADER]), costShare: readShare(headers[SHARE_HEADER]) };
}

function readTier(value: unknown): RouteTier | undefined {
  if (value === undefined) return undefined;
  const tier = ROUTE_TIERS.find((one) => one === value);
  if (tier === undefined)
    throw new GatewayError('invalid_request', `${TIER_HEADER} must be one of ${ROUTE_TIERS.join(', ')}.`, { param: TIER_HEADER });
  return tier;
}

function readShare(value: unknown): number | undefined {
  if (value === undefined) return undefined;
  const share = typeof value === 'string' && value.trim() !== '' ? Number(value) : Number.NaN;
  if (share >= 0 && share <= 1) return share;
  throw new GatewayError(
    'invalid_request',
    `${SHARE_HEADER} must be a number from 0 (always the weak tier) to 1 (always the strong one).`,
    {
      param: SHARE_HEADER,
    },
  );
}
