import type { ErrorCode, GatewayError } from '#contracts';
import { encodeError as encodeChatError, type EncodedError } from '../openai-chat/encode-error.ts';

/** Anthropic's error types (https://platform.claude.com/docs/en/api/errors); what is not here goes by its status. */
const TYPES: Readonly<Partial<Record<ErrorCode, string>>> = {
  budget_exceeded: 'billing_error',
  upstream_overloaded: 'overloaded_error',
  queue_full: 'overloaded_error',
  queue_unavailable: 'overloaded_error',
  no_healthy_deployment: 'overloaded_error',
  service_unavailable: 'overloaded_error',
  queue_timeout: 'timeout_error',
  upstream_timeout: 'timeout_error',
};

const TYPES_BY_STATUS: Readonly<Record<number, string>> = {
  401: 'authentication_error',
  402: 'billing_error',
  403: 'permission_error',
  404: 'not_found_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
};

/** `{"type":"error","error":{type,message,details:{error_code}}}`: SDKs show `error_code`, here our own, as the error's `errorCode`. */
export function encodeError(error: GatewayError): EncodedError {
  return { ...encodeChatError(error), body: Buffer.from(errorText(error)) };
}

/** In a stream it is an event named `error`, and no `message_stop` follows. */
export function encodeStreamError(error: GatewayError): Uint8Array {
  return Buffer.from(`event: error\ndata: ${errorText(error)}\n\n`);
}

function errorText(error: GatewayError): string {
  const details = { error_code: error.code, ...(error.param === undefined ? {} : { param: error.param }) };
  return JSON.stringify({ type: 'error', error: { type: typeOf(error), message: error.message, details } });
}

function typeOf(error: GatewayError): string {
  const byStatus = TYPES_BY_STATUS[error.status] ?? (error.status < 500 ? 'invalid_request_error' : 'api_error');
  return TYPES[error.code] ?? byStatus;
}
