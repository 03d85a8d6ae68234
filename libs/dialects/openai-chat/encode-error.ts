import type { GatewayError } from '#contracts';

export interface EncodedError {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: Uint8Array;
}

/** `{"error":{message,type,param,code}}`, with `retry-after` in whole seconds where a wait is known. */
export function encodeError(error: GatewayError): EncodedError {
  const headers: Record<string, string> = { 'content-type': 'application/json' };
  if (error.retryAfterMs !== undefined) headers['retry-after'] = String(Math.ceil(error.retryAfterMs / 1_000));
  return { status: error.status, headers, body: Buffer.from(errorText(error)) };
}

/** In a stream the same object is one data event, and no `[DONE]` follows: SDKs throw when they see it. */
export function encodeStreamError(error: GatewayError): Uint8Array {
  return Buffer.from(`data: ${errorText(error)}\n\n`);
}

function errorText(error: GatewayError): string {
  return JSON.stringify({ error: { message: error.message, type: error.type, param: error.param ?? null, code: error.code } });
}
