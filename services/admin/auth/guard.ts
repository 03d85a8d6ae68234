import type { FastifyInstance, FastifyRequest } from 'fastify';
import { GatewayError, isRouteAllowed, managementKinds, namesRoute } from '#contracts';
import { authenticate, type AuthenticateOptions } from './authenticate.ts';
import type { Caller } from './caller.ts';
import { rolesFor } from './route-policy.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Set before any guarded route's handler runs. */
    caller: Caller;
  }
}

export interface GuardOptions extends AuthenticateOptions {
  /** What the configuration keeps for administrators, beyond the roles of the routes. */
  readonly adminOnlyRoutes?: (() => readonly string[] | undefined) | undefined;
}

/** Every route of this app asks for a key and for a role that `route-policy.ts` names. Before any body is read. */
export function guardRoutes(app: FastifyInstance, options: GuardOptions): void {
  app.decorateRequest('caller');
  app.addHook('onRequest', async (request) => {
    const caller = await authenticate(request.headers, options);
    requireEntry(caller, request);
    requireAdminRoute(caller, request, options.adminOnlyRoutes?.());
    request.caller = caller;
  });
}

function requireEntry(caller: Caller, { method, url, routeOptions }: FastifyRequest): void {
  const route = routeOptions.url ?? '';
  requireRole(caller, method, route);
  if (caller.kind === 'key' && !isRouteAllowed(caller.key.allowedRoutes, url, managementKinds(method, route))) {
    const allowed = caller.key.allowedRoutes.join(', ');
    throw new GatewayError('route_access_denied', `This key may not call ${url.split('?', 1)[0]}. It may call: ${allowed}.`);
  }
}

/** The part of a request that says which route it is for: `routeOptions.url` is the pattern. */
export interface RoutedRequest extends Pick<FastifyRequest, 'method' | 'url'> {
  readonly routeOptions: Pick<FastifyRequest['routeOptions'], 'url'>;
}

/** Throws `route_access_denied` for routes of this list where the caller is no administrator of the gateway. */
export function requireAdminRoute(
  caller: Pick<Caller, 'roles'>,
  { method, url, routeOptions }: RoutedRequest,
  adminOnly: readonly string[] = [],
): void {
  const { url: route = '' } = routeOptions;
  const kinds = managementKinds(method, route);
  if (caller.roles.has('proxy_admin') || !(namesRoute(adminOnly, url, kinds) || namesRoute(adminOnly, route, kinds))) return;
  throw new GatewayError('route_access_denied', `${method} ${route} is for administrators only (admin_only_routes).`);
}

/** Throws `route_access_denied` when the caller has none of the roles that the route is for, and for a route that has none. */
export function requireRole(caller: Pick<Caller, 'roles'>, method: string, route: string): void {
  const allowed = rolesFor(method, route);
  if (allowed?.some((role) => caller.roles.has(role))) return;
  const who = allowed === undefined ? 'nobody' : allowed.join(', ');
  throw new GatewayError('route_access_denied', `${method} ${route} is for ${who}. You are ${[...caller.roles].join(', ')}.`);
}
