import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { BatchesResources } from '../resources.ts';
import { authenticate, type Caller } from './authenticate.ts';

const callers = new WeakMap<FastifyRequest, Caller>();

/** Every route of this app asks for a key, before any body is read. */
export function guardRoutes(app: FastifyInstance, resources: BatchesResources): void {
  app.addHook('onRequest', async (request) => {
    callers.set(request, await authenticate(request.headers, request.url, resources));
  });
}

export function callerOf(request: FastifyRequest): Caller {
  const caller = callers.get(request);
  if (caller === undefined) throw new Error('a route is not behind the guard');
  return caller;
}
