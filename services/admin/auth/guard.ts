import type { FastifyInstance, FastifyRequest } from 'fastify';
import { GatewayError, isRouteAllowed, type RouteKind } from '#contracts';
import { authenticate, type AuthenticateOptions } from './authenticate.ts';
import type { Caller } from './caller.ts';
import { rolesFor } from './route-policy.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Set before any guarded route's handler runs. */
    caller: Caller;
  }
}

/** Every route of this app asks for a key and for a role that `route-policy.ts` names. Before any body is read. */
export function guardRoutes(app: FastifyInstance, options: AuthenticateOptions): void {
  app.decorateRequest('caller');
  app.addHook('onRequest', async (request) => {
    const caller = await authenticate(request.headers, options);
    requireEntry(caller, request);
    request.caller = caller;
  });
}

function requireEntry(caller: Caller, { method, url, routeOptions }: FastifyRequest): void {
  const route = routeOptions.url ?? '';
  requireRole(caller, method, route);
  if (caller.kind === 'key' && !isRouteAllowed(caller.key.allowedRoutes, url, kindsOf(method, route))) {
    const allowed = caller.key.allowedRoutes.join(', ');
    throw new GatewayError('route_access_denied', `This key may not call ${url.split('?', 1)[0]}. It may call: ${allowed}.`);
  }
}

/** Throws `route_access_denied` when the caller has none of the roles that the route is for, and for a route that has none. */
export function requireRole(caller: Pick<Caller, 'roles'>, method: string, route: string): void {
  const allowed = rolesFor(method, route);
  if (allowed?.some((role) => caller.roles.has(role))) return;
  const who = allowed === undefined ? 'nobody' : allowed.join(', ');
  throw new GatewayError('route_access_denied', `${method} ${route} is for ${who}. You are ${[...caller.roles].join(', ')}.`);
}

/** In the words of `allowed_routes`: what only reads is information. */
function kindsOf(method: string, route: string): readonly RouteKind[] {
  if (/^\/(?:spend|global)\//.test(route) || route.includes('/daily/activity')) return ['spend', 'management'];
  return method === 'GET' || method === 'HEAD' || route === '/key/health' ? ['info', 'management'] : ['management'];
}
