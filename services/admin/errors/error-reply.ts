import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { asGatewayError, type ErrorCode, GatewayError } from '#contracts';
import { driverError, isContention, isDatabaseDown, isRefusedData } from '#db';
import type { AdminLog } from '../resources.ts';

/** Sends any error in OpenAI's shape; what is our own fault is logged and told without its text. */
export function createErrorHandler(log: AdminLog) {
  return (thrown: FastifyError | Error, request: FastifyRequest, reply: FastifyReply): void => {
    const error = toGatewayError(thrown);
    if (error.status >= 500)
      log.error({ err: driverError(thrown), method: request.method, route: request.routeOptions.url }, 'request failed');
    void sendError(reply, error);
  };
}

export function sendError(reply: FastifyReply, error: GatewayError): FastifyReply {
  if (error.status === 503) reply.header('retry-after', '2');
  const { message, type, code } = error;
  return reply.code(error.status).send({ error: { message, type, param: error.param ?? null, code } });
}

/** Fastify's own refusals: https://fastify.dev/docs/latest/Reference/Errors/ */
const FASTIFY_CODES: Readonly<Record<string, ErrorCode>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'body_too_large',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'unsupported_media_type',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'invalid_json',
  FST_ERR_CTP_INVALID_JSON_BODY: 'invalid_json',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'invalid_request',
};

function toGatewayError(error: FastifyError | Error): GatewayError {
  if (error instanceof GatewayError) return error;
  if (isDatabaseDown(error)) {
    return new GatewayError('service_unavailable', 'The database can not be reached. Try again in a moment.', { cause: error });
  }
  if (isContention(error)) {
    return new GatewayError('service_unavailable', 'Others are changing the same at this moment. Try again.', { cause: error });
  }
  if (isRefusedData(error)) {
    return new GatewayError('invalid_request', 'A value holds characters or sizes that can not be stored.', { cause: error });
  }
  const code = 'code' in error ? FASTIFY_CODES[error.code] : undefined;
  // Fastify's text speaks of a content type that the client need not have sent: bodies are JSON here whatever it says
  if (code === 'invalid_json') return new GatewayError(code, 'The request body is not valid JSON.', { cause: error });
  return code === undefined ? asGatewayError(error) : new GatewayError(code, error.message, { cause: error });
}
