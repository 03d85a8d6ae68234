import type { GatewayError } from '#contracts';
import type { JsonRecord } from '../json/record.ts';
import type { EncodedError } from '../openai-chat/encode-error.ts';

/** Google's words by HTTP status (https://cloud.google.com/apis/design/errors#handling_errors). */
const STATUS_WORDS: Readonly<Record<number, string>> = {
  400: 'INVALID_ARGUMENT',
  401: 'UNAUTHENTICATED',
  402: 'RESOURCE_EXHAUSTED',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  405: 'UNIMPLEMENTED',
  409: 'ABORTED',
  413: 'INVALID_ARGUMENT',
  415: 'INVALID_ARGUMENT',
  429: 'RESOURCE_EXHAUSTED',
  499: 'CANCELLED',
  502: 'UNAVAILABLE',
  503: 'UNAVAILABLE',
  504: 'DEADLINE_EXCEEDED',
};
const TYPE = 'type.googleapis.com/google.rpc';

/** `{error:{code,message,status,details}}`; our own code is the `reason` among the details. */
export function encodeError(error: GatewayError): EncodedError {
  const headers: Record<string, string> = { 'content-type': 'application/json' };
  if (error.retryAfterMs !== undefined) headers['retry-after'] = String(Math.ceil(error.retryAfterMs / 1_000));
  return { status: error.status, headers, body: Buffer.from(errorText(error)) };
}

/** In a stream the same object is one data event: Google's SDKs throw when they see it. */
export function encodeStreamError(error: GatewayError): Uint8Array {
  return Buffer.from(`data: ${errorText(error)}\n\n`);
}

function errorText(error: GatewayError): string {
  const status = STATUS_WORDS[error.status] ?? 'INTERNAL';
  return JSON.stringify({ error: { code: error.status, message: error.message, status, details: detailsOf(error) } });
}

function detailsOf({ code, type, message, param, retryAfterMs }: GatewayError): readonly JsonRecord[] {
  const details: JsonRecord[] = [{ '@type': `${TYPE}.ErrorInfo`, reason: code.toUpperCase(), domain: 'headrace', metadata: { type } }];
  if (param !== undefined) details.push({ '@type': `${TYPE}.BadRequest`, fieldViolations: [{ field: param, description: message }] });
  if (retryAfterMs !== undefined) details.push({ '@type': `${TYPE}.RetryInfo`, retryDelay: `${retryAfterMs / 1_000}s` });
  return details;
}
