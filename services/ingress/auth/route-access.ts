import { GatewayError, isRouteAllowed, type RouteKind } from '#contracts';
import type { Principal } from './authenticate.ts';

/** Throws 403 `route_access_denied` when the key has a list of routes and this one is not in it. */
export function requireRoute(principal: Principal, url: string, ...kinds: readonly RouteKind[]): void {
  const allowed = principal.kind === 'key' ? principal.record.allowedRoutes : undefined;
  if (allowed === undefined || isRouteAllowed(allowed, url, kinds)) return;
  throw new GatewayError('route_access_denied', `This key may not call ${url.split('?', 1)[0]}. It may call: ${allowed.join(', ')}.`);
}
