import type { IncomingHttpHeaders } from 'node:http';
import { GatewayError } from '#contracts';

const LONGEST_KEY = 255;

/**
 * The request's `Idempotency-Key` (https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header), also with `x-` in front.
 * Undefined when it has none. Throws `invalid_request` naming the header for a key that is empty, longer than 255 characters or
 * has control characters.
 */
export function readIdempotencyKey(headers: IncomingHttpHeaders): string | undefined {
  const name = headers['idempotency-key'] === undefined ? 'x-idempotency-key' : 'idempotency-key';
  const value = headers[name];
  if (value === undefined) return undefined;
  const key = String(value);
  const isFit = key.trim() !== '' && key.length <= LONGEST_KEY && !/[\u0000-\u001f\u007f]/.test(key);
  if (isFit) return key;
  throw new GatewayError('invalid_request', `The header ${name} must have 1 to ${LONGEST_KEY} characters and no control characters.`, {
    param: name,
  });
}
