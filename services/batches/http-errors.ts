import type { FastifyError, FastifyInstance, FastifyRequest } from 'fastify';
import { asGatewayError, GatewayError } from '#contracts';
import { driverError, isDatabaseDown, isRefusedData } from '#db';
import { encodeClientError } from '#dialects';
import type { BatchesLog } from './resources.ts';

/** Errors in the words of the API that was called. */
export function registerHttpErrors(app: FastifyInstance, log: BatchesLog): void {
  app.setErrorHandler((thrown: FastifyError, request, reply) => {
    const error = toGatewayError(thrown);
    if (error.status >= 500)
      log.error({ err: driverError(thrown), method: request.method, route: request.routeOptions.url }, 'request failed');
    const { status, headers, body } = encodeClientError(dialectOf(request), error);
    return reply.code(status).headers(headers).send(body);
  });
  app.setNotFoundHandler((request) => {
    throw new GatewayError('route_not_found', `There is no ${request.method} ${request.url.split('?', 1)[0]} here.`);
  });
}

function dialectOf({ url }: FastifyRequest): 'anthropic-messages' | 'openai-chat' {
  return url.includes('/messages/batches') ? 'anthropic-messages' : 'openai-chat';
}

function toGatewayError(error: FastifyError): GatewayError {
  if (error instanceof GatewayError) return error;
  if (isDatabaseDown(error)) {
    const message = 'The database can not be reached. Try again in a moment.';
    return new GatewayError('service_unavailable', message, { cause: error, retryAfterMs: 2_000 });
  }
  if (isRefusedData(error))
    return new GatewayError('invalid_request', 'A value holds characters or sizes that can not be stored.', { cause: error });
  if (error.code === 'FST_ERR_CTP_BODY_TOO_LARGE')
    return new GatewayError('body_too_large', 'The request body is too large.', { cause: error });
  if (error.statusCode === 400) return new GatewayError('invalid_json', 'The request body is not valid JSON.', { cause: error });
  return asGatewayError(error);
}
