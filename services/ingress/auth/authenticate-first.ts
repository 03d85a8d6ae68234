import type { FastifyInstance, FastifyRequest } from 'fastify';
import { asGatewayError, GatewayError } from '#contracts';
import type { IngressResources } from '../resources.ts';
import { authenticateRequest } from '../access/authenticate-request.ts';
import type { Principal } from './authenticate.ts';
import { type Caller, resolveCaller } from './caller.ts';
import { requireRoute } from './route-access.ts';

declare module 'fastify' {
  interface FastifyRequest {
    principal: Principal | undefined;
    /** Of a model route, once its body has been read. */
    resolvedCaller: Caller | undefined;
  }
}

type Done = (error?: Error) => void;

/**
 * An `onRequest` hook that authenticates before the body is read: nobody without a key can make this process hold a body.
 * No promise for keys seen lately.
 */
export function authenticateFirst(app: FastifyInstance, resources: IngressResources) {
  app.decorateRequest('principal', undefined);
  app.decorateRequest('resolvedCaller', undefined);
  return (request: FastifyRequest, _reply: unknown, done: Done): void => {
    const allowed = (principal: Principal): Principal => {
      requireRoute(principal, request.url, 'llm');
      return principal;
    };
    const admit = (principal: Principal): void => {
      request.principal = principal;
      done();
    };
    try {
      const principal = authenticateRequest(
        { headers: request.headers, url: request.url, queryKey: queryKeyOf(request) },
        resources,
        'llm',
      );
      if (principal instanceof Promise) principal.then(allowed).then(admit, done);
      else admit(allowed(principal));
    } catch (error) {
      done(asGatewayError(error));
    }
  };
}

/** Google's clients may put their key into the address. */
export function queryKeyOf(request: FastifyRequest): unknown {
  const config = request.routeOptions.config as { readonly takesQueryKey?: boolean };
  return config.takesQueryKey === true ? (request.query as Readonly<Record<string, unknown>>)['key'] : undefined;
}

/** The caller of a route that has the hook. */
export function principalOf(request: FastifyRequest): Principal {
  if (request.principal) return request.principal;
  throw new GatewayError('internal_error', 'The gateway failed to authenticate this request.');
}

/** The caller with its team, user and so on, of a request whose body has been read. No promise where all were seen lately. */
export function callerOf(
  request: FastifyRequest,
  fields: Readonly<Record<string, unknown>>,
  resources: Pick<IngressResources, 'scopes' | 'config'>,
): Caller | Promise<Caller> {
  const { access } = resources.config;
  const caller =
    request.resolvedCaller ?? resolveCaller(principalOf(request), { headers: request.headers, fields, access }, resources.scopes);
  const keep = (resolved: Caller): Caller => (request.resolvedCaller = resolved);
  return caller instanceof Promise ? caller.then(keep) : keep(caller);
}
