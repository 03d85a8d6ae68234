import fastify, { type FastifyInstance } from 'fastify';
import { GatewayError } from '#contracts';
import { authenticate } from './auth/authenticate.ts';
import type { Caller } from './auth/caller.ts';
import { createErrorHandler, sendError } from './errors/error-reply.ts';
import { registerHealthRoutes } from './health-routes.ts';
import { registerKeyRoutes } from './keys/key-routes.ts';
import type { AdminResources } from './resources.ts';
import { registerSpendRoutes } from './spend/spend-routes.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Set before any guarded route's handler runs. */
    caller: Caller;
  }
}

const MAX_BODY_BYTES = 1024 * 1024;

/**
 * The management API. No route has a JSON schema, so that Fastify neither strips nor converts anything: each route reads
 * its own input with zod.
 */
export function createAdminApp(resources: AdminResources): FastifyInstance {
  const app = fastify({ bodyLimit: MAX_BODY_BYTES, logger: false, forceCloseConnections: 'idle' });
  readEveryBodyAsJson(app);
  app.setErrorHandler(createErrorHandler(resources.log));
  app.setNotFoundHandler((request, reply) =>
    sendError(reply, new GatewayError('route_not_found', `There is no ${request.method} ${request.url.split('?')[0]} here.`)),
  );
  registerHealthRoutes(app, resources);
  void app.register(async (guarded) => {
    guarded.decorateRequest('caller');
    guarded.addHook('onRequest', async (request) => {
      request.caller = await authenticate(request.headers, resources);
    });
    registerKeyRoutes(guarded, resources);
    registerSpendRoutes(guarded, resources);
  });
  return app;
}

/** curl's `-d` says form data where it means JSON. */
function readEveryBodyAsJson(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'string' }, app.getDefaultJsonParser('ignore', 'ignore'));
}
