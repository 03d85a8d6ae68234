import type { FastifyRequest } from 'fastify';
import { GatewayError, isRouteAllowed, type RouteKind } from '#contracts';
import { authenticate, type Principal } from '../auth/authenticate.ts';
import type { IngressResources } from '../resources.ts';

export interface KeyedRequest extends Pick<FastifyRequest, 'headers' | 'url'> {
  /** The address's `?key=`, where the route takes one. */
  readonly queryKey?: unknown;
}

type Resources = Pick<IngressResources, 'config' | 'keys' | 'masterKeyHash' | 'now'>;

/** Everybody without a key is one caller, and has what a key without any limits has. Its rows of the ledger stand under this name. */
const PUBLIC: Principal = {
  kind: 'key',
  record: { v: 1, hash: 'public', masked: '(no key)', alias: 'public', models: [], blocked: false },
};

/**
 * Who is calling, where `public_routes` may let a request in without a key. A key that is known counts there too, and one that is blocked or
 * over is refused; one that nobody knows (clients that must send something) is none.
 */
export function authenticateRequest(
  { headers, url, queryKey }: KeyedRequest,
  resources: Resources,
  ...kinds: readonly RouteKind[]
): Principal | Promise<Principal> {
  const routes = resources.config.access?.publicRoutes;
  if (routes === undefined || routes.length === 0 || !isRouteAllowed(routes, url, kinds)) {
    return authenticate(headers, resources, queryKey);
  }
  try {
    const principal = authenticate(headers, resources, queryKey);
    return principal instanceof Promise ? principal.catch(asPublic) : principal;
  } catch (error) {
    return asPublic(error);
  }
}

function asPublic(error: unknown): Principal {
  if (error instanceof GatewayError && (error.code === 'missing_key' || error.code === 'unknown_key')) return PUBLIC;
  throw error;
}
