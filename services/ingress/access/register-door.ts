import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { AccessSettings } from '#config';
import { GatewayError, isRouteAllowed, namesRoute } from '#contracts';
import { queryKeyOf } from '../auth/authenticate-first.ts';
import { authenticate, type Principal } from '../auth/authenticate.ts';
import type { IngressResources } from '../resources.ts';
import { addressFilter, clientAddress } from './client-address.ts';
import { isManagementRoute, kindsOfRoute } from './route-kinds.ts';

type Resources = Pick<IngressResources, 'config' | 'keys' | 'masterKeyHash' | 'now'>;
type Check = (request: FastifyRequest) => void | Promise<void>;

const PROBES: ReadonlySet<string> = new Set(['/health/liveliness', '/health/liveness', '/health/readiness']);

/**
 * Looks at every request before anything else does, where `general_settings` limits addresses or routes: `address_access_denied` and
 * `route_access_denied`, 403. Probes are always let through. Without such settings there is no hook at all.
 */
export function registerDoor(app: FastifyInstance, resources: Resources): void {
  const { access } = resources.config;
  const checks = access === undefined ? [] : checksOf(access, resources);
  for (const check of checks) {
    app.addHook('onRequest', async (request) => {
      if (!PROBES.has(request.routeOptions.url ?? '')) await check(request);
    });
  }
}

function checksOf(access: AccessSettings, resources: Resources): readonly Check[] {
  const { allowedIps, allowedRoutes, adminOnlyRoutes } = access;
  return [
    ...(allowedIps === undefined ? [] : [addressCheck(allowedIps, access.trustsForwardedFor)]),
    ...(allowedRoutes === undefined ? [] : [routeCheck(allowedRoutes)]),
    ...(adminOnlyRoutes.length === 0 ? [] : [adminCheck(adminOnlyRoutes, resources)]),
  ];
}

function addressCheck(allowed: readonly string[], trustsForwardedFor: boolean): Check {
  const isAllowed = addressFilter(allowed);
  return ({ raw, headers }) => {
    const forwardedFor = trustsForwardedFor ? headers['x-forwarded-for'] : undefined;
    const address = clientAddress({ remoteAddress: raw.socket.remoteAddress, forwardedFor });
    if (address !== undefined && isAllowed(address)) return;
    throw new GatewayError('address_access_denied', `Access forbidden: IP address ${address ?? '(unknown)'} is not allowed here.`);
  };
}

function routeCheck(allowed: readonly string[]): Check {
  return (request) => {
    if (isRouteAllowed(allowed, request.url, kindsOfRoute(request))) return;
    throw new GatewayError('route_access_denied', `Access forbidden: this gateway does not offer ${pathOf(request)}.`);
  };
}

/** Management routes are left to admin, which knows the roles of users: here only the master key is known to be an administrator's. */
function adminCheck(adminOnly: readonly string[], resources: Resources): Check {
  return (request) => {
    if (isManagementRoute(request) || !namesRoute(adminOnly, request.url, kindsOfRoute(request))) return undefined;
    const requireMaster = (principal: Principal): void => {
      if (principal.kind === 'master') return;
      throw new GatewayError('route_access_denied', `${pathOf(request)} is for the master key only (admin_only_routes).`);
    };
    const principal = authenticate(request.headers, resources, queryKeyOf(request));
    return principal instanceof Promise ? principal.then(requireMaster) : requireMaster(principal);
  };
}

function pathOf({ url }: FastifyRequest): string {
  return url.split('?', 1)[0] ?? '';
}
