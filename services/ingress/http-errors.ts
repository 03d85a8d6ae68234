import type { Socket } from 'node:net';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { asGatewayError, type ClientDialect, GatewayError } from '#contracts';
import { encodeClientError, requestIdHeader } from '#dialects';
import { drainRequest } from './drain-request.ts';
import type { IngressResources } from './resources.ts';

/** Answers for what never becomes a job: every error in the shape of the caller's format, with a request id that the log has too. */
export function registerHttpErrors(app: FastifyInstance, resources: IngressResources): void {
  app.setErrorHandler(async (error, request, reply) => {
    const failure = toGatewayError(error);
    const route = request.routeOptions.url ?? '';
    resources.metrics.requests.inc({ route, status: String(failure.status), code: failure.code });
    const requestId = resources.newJobId();
    if (failure.code === 'internal_error') resources.log.error({ err: error, requestId, route }, 'request failed unexpectedly');
    else resources.log.debug({ requestId, route, code: failure.code }, 'request refused');
    // refused before its body was read: for its size, or for its key
    if (!request.raw.complete && (await drainRequest(request.raw))) reply.removeHeader('connection');
    const own = requestIdHeader(dialectOf(request));
    if (own !== undefined) reply.header(own, requestId);
    return sendError(request, reply.headers({ 'x-request-id': requestId, 'x-litellm-call-id': requestId }), failure);
  });
  app.setNotFoundHandler((request, reply) =>
    sendError(
      request,
      reply,
      new GatewayError('route_not_found', `There is no ${request.method} ${request.url.split('?')[0] ?? ''} here.`),
    ),
  );
}

/** For a path that has only POST. */
export function refuseMethod(request: FastifyRequest, reply: FastifyReply) {
  return sendError(
    request,
    reply.header('allow', 'POST'),
    new GatewayError('method_not_allowed', `This path takes POST, not ${request.method}.`),
  );
}

/** What Fastify refuses before a route is found: an address with a broken escape. */
export function refuseAddress(reply: FastifyReply) {
  return sendError(undefined, reply, new GatewayError('invalid_request', 'The address is not valid.'));
}

const SOCKET_REFUSALS: Readonly<Record<string, readonly [status: string, message: string]>> = {
  HPE_HEADER_OVERFLOW: ['431 Request Header Fields Too Large', 'The request headers are too large.'],
  ERR_HTTP_REQUEST_TIMEOUT: ['408 Request Timeout', 'The request did not arrive in time.'],
};

/** What Node's parser refuses: there is no request yet, only a socket. */
export function refuseConnection(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
  const [status, message] = SOCKET_REFUSALS[error.code ?? ''] ?? ['400 Bad Request', 'The request is not valid HTTP.'];
  const { body } = encodeClientError('openai-chat', new GatewayError('invalid_request', message));
  const head = `HTTP/1.1 ${status}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\nconnection: close\r\n\r\n`;
  socket.write(head);
  socket.write(body);
  socket.destroySoon();
}

/** In the shape of the route's own format. */
function sendError(request: FastifyRequest | undefined, reply: FastifyReply, error: GatewayError) {
  const answer = encodeClientError(dialectOf(request), error);
  return reply.code(answer.status).headers(answer.headers).send(Buffer.from(answer.body));
}

/** Where no route says the format, an address below Google's or Anthropic's routes does, or a header that only their SDKs send. */
function dialectOf(request: FastifyRequest | undefined): ClientDialect {
  const config = request?.routeOptions.config as { readonly dialect?: ClientDialect } | undefined;
  if (config?.dialect !== undefined) return config.dialect;
  if (/^\/(?:gemini\/|v1beta)/.test(request?.url ?? '') || request?.headers['x-goog-api-key'] !== undefined) return 'gemini-generate';
  const isAnthropic = request?.headers['anthropic-version'] !== undefined || /^\/(?:anthropic|v1\/messages)\//.test(request?.url ?? '');
  return isAnthropic ? 'anthropic-messages' : 'openai-chat';
}

function toGatewayError(error: unknown): GatewayError {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') {
    return new GatewayError('body_too_large', 'The request body is larger than this gateway takes (general_settings.max_request_size_mb).');
  }
  if (typeof code === 'string' && code.startsWith('FST_ERR_CTP')) {
    return new GatewayError('invalid_request', 'The request body could not be read.', { cause: error });
  }
  if (code === 'ECONNRESET') return new GatewayError('client_gone', 'The client closed the connection.', { cause: error });
  return asGatewayError(error);
}
