import type { Candidate } from '#contracts';

/**
 * The body for a fallback that the client gave fields of its own (`fallbacks: [{model, messages, …}]`): they replace the request's.
 * The body itself for all other candidates. `fallbacks` stays in it, for it is left out with the other fields of the gateway.
 */
export function overrideBody(body: Uint8Array, { overrides }: Candidate): Uint8Array {
  if (overrides === undefined) return body;
  const fields: unknown = JSON.parse(Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString());
  if (!isRecord(fields) || !Array.isArray(fields['fallbacks'])) return body;
  const own: unknown = fields['fallbacks'][overrides];
  if (!isRecord(own)) return body;
  // the client waits for a stream, or for none, whoever answers
  return Buffer.from(JSON.stringify({ ...fields, ...own, model: fields['model'], stream: fields['stream'] }));
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
