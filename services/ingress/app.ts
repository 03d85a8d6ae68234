import Fastify, { type FastifyInstance, type FastifyReply } from 'fastify';
import type { Registry } from 'prom-client';
import { asGatewayError, GatewayError } from '#contracts';
import { encodeClientError } from '#dialects';
import { createChatHandler } from './chat/chat-route.ts';
import { registerModelRoutes } from './models-route.ts';
import { registerAdminProxy } from './operator/admin-proxy.ts';
import { registerHealthRoutes } from './operator/health-routes.ts';
import { registerMetricsRoute } from './operator/metrics-route.ts';
import type { IngressResources } from './resources.ts';

export interface IngressAppOptions {
  readonly adminUrl: string | undefined;
  readonly registry: Registry;
}

/** Paths of OpenAI's chat completions, as its SDK, Azure's and older clients call them. */
const CHAT_PATHS = [
  '/v1/chat/completions',
  '/chat/completions',
  '/openai/deployments/:model/chat/completions',
  '/engines/:model/chat/completions',
] as const;

/** Slowest upload of a request's head and body that is waited for. */
const REQUEST_TIMEOUT_MS = 120_000;

export async function createIngressApp(options: IngressAppOptions, resources: IngressResources): Promise<FastifyInstance> {
  const app = Fastify({
    logger: false,
    bodyLimit: resources.config.general.maxRequestBytes,
    requestTimeout: REQUEST_TIMEOUT_MS,
    keepAliveTimeout: 75_000,
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 500, ignoreTrailingSlash: true },
  });
  // bodies stay bytes, whatever their content type says: they are parsed once, by the route
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  app.setErrorHandler((error, request, reply) => {
    const failure = toGatewayError(error);
    if (failure.code === 'internal_error') resources.log.error({ err: error, url: request.url }, 'request failed unexpectedly');
    resources.metrics.requests.inc({ route: request.routeOptions.url ?? '', status: String(failure.status), code: failure.code });
    return sendError(reply, failure);
  });
  app.setNotFoundHandler((request, reply) =>
    sendError(reply, new GatewayError('route_not_found', `There is no ${request.method} ${request.url.split('?')[0] ?? ''} here.`)),
  );

  for (const path of CHAT_PATHS) app.post(path, createChatHandler('/v1/chat/completions', 'openai-chat', resources));
  registerModelRoutes(app, resources);
  registerMetricsRoute(app, options.registry, resources);
  registerHealthRoutes(app, resources, await registerAdminProxy(app, options.adminUrl));
  return app;
}

function sendError(reply: FastifyReply, error: GatewayError) {
  const answer = encodeClientError('openai-chat', error);
  return reply.code(answer.status).headers(answer.headers).send(Buffer.from(answer.body));
}

function toGatewayError(error: unknown): GatewayError {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') {
    return new GatewayError('body_too_large', 'The request body is larger than this gateway takes (general_settings.max_request_size_mb).');
  }
  if (typeof code === 'string' && code.startsWith('FST_ERR_CTP')) {
    return new GatewayError('invalid_request', 'The request body could not be read.', { cause: error });
  }
  return asGatewayError(error);
}
