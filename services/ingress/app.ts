import Fastify, { type FastifyInstance, type RouteHandlerMethod } from 'fastify';
import type { Registry } from 'prom-client';
import { registerDoor } from './access/register-door.ts';
import { authenticateFirst } from './auth/authenticate-first.ts';
import { registerCacheRoutes } from './cache/cache-routes.ts';
import { registerRouteRoute } from './auto-routing/route-route.ts';
import { createChatHandler } from './chat/chat-route.ts';
import { CLIENT_ROUTES, type ClientRoute } from './chat/client-routes.ts';
import { createUploadHandler, takeForms } from './chat/upload-route.ts';
import { refuseAddress, refuseConnection, refuseMethod, registerHttpErrors } from './http-errors.ts';
import { registerModelInfoRoutes } from './models/model-info-routes.ts';
import { registerTokenCounter } from './models/token-counter-route.ts';
import { registerModelRoutes } from './models-route.ts';
import { registerProvidersRoute } from './providers-route.ts';
import { registerAdminProxy } from './operator/admin-proxy.ts';
import { registerBatchesProxy } from './operator/batches-proxy.ts';
import { registerHealthRoute } from './operator/health-route.ts';
import { registerHealthRoutes } from './operator/health-routes.ts';
import { registerMetricsRoute } from './operator/metrics-route.ts';
import { registerJobRoutes } from './jobs/job-routes.ts';
import type { IngressResources } from './resources.ts';
import { createResponsesHandler } from './responses/responses-route.ts';
import { registerStoredResponseRoutes } from './responses/stored-response-routes.ts';

export interface IngressAppOptions {
  readonly adminUrl: string | undefined;
  readonly batchesUrl: string | undefined;
  readonly registry: Registry;
}

const ALL_BUT_POST = ['GET', 'PUT', 'PATCH', 'DELETE'] as const;
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
  registerDoor(app, resources);

  const onRequest = authenticateFirst(app, resources);
  const add = (scope: FastifyInstance, route: ClientRoute, handler: RouteHandlerMethod): void => {
    const config = { dialect: route.dialect, takesQueryKey: route.takesQueryKey };
    for (const path of route.paths) {
      scope.post(path, { onRequest, config }, handler);
      scope.route({ method: [...(route.refusedMethods ?? ALL_BUT_POST)], url: path, config, handler: refuseMethod });
    }
  };
  for (const route of CLIENT_ROUTES) if (route.takesFiles !== true) add(app, route, handlerOf(route, resources));
  await app.register((scope, _options, done) => {
    takeForms(scope);
    for (const route of CLIENT_ROUTES) if (route.takesFiles === true) add(scope, route, createUploadHandler(route, resources));
    done();
  });
  registerStoredResponseRoutes(app, onRequest, resources);
  registerJobRoutes(app, { onRequest, adminUrl: options.adminUrl }, resources);
  registerCacheRoutes(app, onRequest, resources);
  registerModelRoutes(app, resources);
  registerProvidersRoute(app, resources);
  registerModelInfoRoutes(app, resources);
  registerTokenCounter(app, onRequest, resources);
  registerRouteRoute(app, onRequest, resources);
  registerMetricsRoute(app, options.registry, resources);
  registerHealthRoute(app, resources);
  const keyHeader = resources.config.access?.keyHeader;
  await registerBatchesProxy(app, options.batchesUrl, keyHeader);
  registerHealthRoutes(app, resources, await registerAdminProxy(app, options.adminUrl, keyHeader));
  return app;
}

/** Responses have a memory; everything else is answered and forgotten. */
function handlerOf(route: ClientRoute, resources: IngressResources): RouteHandlerMethod {
  return route.dialect === 'openai-responses' ? createResponsesHandler(route, resources) : createChatHandler(route, resources);
}
