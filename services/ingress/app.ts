import Fastify, { type FastifyInstance } from 'fastify';
import type { Registry } from 'prom-client';
import { authenticateFirst } from './auth/authenticate-first.ts';
import { createChatHandler } from './chat/chat-route.ts';
import { CLIENT_ROUTES } from './chat/client-routes.ts';
import { refuseAddress, refuseConnection, refuseMethod, registerHttpErrors } from './http-errors.ts';
import { registerModelRoutes } from './models-route.ts';
import { registerAdminProxy } from './operator/admin-proxy.ts';
import { registerHealthRoutes } from './operator/health-routes.ts';
import { registerMetricsRoute } from './operator/metrics-route.ts';
import type { IngressResources } from './resources.ts';

export interface IngressAppOptions {
  readonly adminUrl: string | undefined;
  readonly registry: Registry;
}

/** Slowest upload of a request's head and body that is waited for. */
const REQUEST_TIMEOUT_MS = 120_000;

export async function createIngressApp(options: IngressAppOptions, resources: IngressResources): Promise<FastifyInstance> {
  const app = Fastify({
    logger: false,
    bodyLimit: resources.config.general.maxRequestBytes,
    requestTimeout: REQUEST_TIMEOUT_MS,
    keepAliveTimeout: 75_000,
    forceCloseConnections: true,
    frameworkErrors: (_error, _request, reply) => void refuseAddress(reply),
    clientErrorHandler: refuseConnection,
    routerOptions: { maxParamLength: 500, ignoreTrailingSlash: true },
  });
  // bodies stay bytes, whatever their content type says: they are parsed once, by the route
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  registerHttpErrors(app, resources);

  const onRequest = authenticateFirst(app, resources);
  for (const route of CLIENT_ROUTES) {
    const config = { dialect: route.dialect };
    const handler = createChatHandler(route, resources);
    for (const path of route.paths) {
      app.post(path, { onRequest, config }, handler);
      app.route({ method: ['GET', 'PUT', 'PATCH', 'DELETE'], url: path, config, handler: refuseMethod });
    }
  }
  registerModelRoutes(app, resources);
  registerMetricsRoute(app, options.registry, resources);
  registerHealthRoutes(app, resources, await registerAdminProxy(app, options.adminUrl));
  return app;
}
