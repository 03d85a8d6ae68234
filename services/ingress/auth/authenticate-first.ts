import type { FastifyInstance, FastifyRequest } from 'fastify';
import { asGatewayError, GatewayError } from '#contracts';
import type { IngressResources } from '../resources.ts';
import { authenticate, type Principal } from './authenticate.ts';

declare module 'fastify' {
  interface FastifyRequest {
    principal: Principal | undefined;
  }
}

type Done = (error?: Error) => void;

/**
 * An `onRequest` hook that authenticates before the body is read: nobody without a key can make this process hold a body.
 * No promise for keys seen lately.
 */
export function authenticateFirst(app: FastifyInstance, resources: IngressResources) {
  app.decorateRequest('principal', undefined);
  return (request: FastifyRequest, _reply: unknown, done: Done): void => {
    const admit = (principal: Principal): void => {
      request.principal = principal;
      done();
    };
    try {
      const principal = authenticate(request.headers, resources, queryKeyOf(request));
      if (principal instanceof Promise) principal.then(admit, done);
      else admit(principal);
    } catch (error) {
      done(asGatewayError(error));
    }
  };
}

/** Google's clients may put their key into the address. */
function queryKeyOf(request: FastifyRequest): unknown {
  const config = request.routeOptions.config as { readonly takesQueryKey?: boolean };
  return config.takesQueryKey === true ? (request.query as Readonly<Record<string, unknown>>)['key'] : undefined;
}

/** The caller of a route that has the hook. */
export function principalOf(request: FastifyRequest): Principal {
  if (request.principal) return request.principal;
  throw new GatewayError('internal_error', 'The gateway failed to authenticate this request.');
}
