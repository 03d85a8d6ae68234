import type { GatewayError } from '#contracts';

/**
 * An error as the last event of a stream. The documented members are flat; SDKs raise what is under `error`, as the API itself
 * sends it. The writer of this event has not counted the others, so its number is no place in the stream.
 */
export function encodeStreamError(error: GatewayError): Uint8Array {
  const { message, type, code } = error;
  const param = error.param ?? null;
  const event = { type: 'error', sequence_number: 0, code, message, param, error: { message, type, code, param } };
  return Buffer.from(`event: error\ndata: ${JSON.stringify(event)}\n\n`);
}
