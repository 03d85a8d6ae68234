import { InvalidMessage } from '#contracts';
import type { KnownText } from './similar-index.ts';

/** A kept text as it travels to the other replicas; who shares it and the entry's name stand in the subject. */
export function encodeKnownText({ context, text, vector, expiresAt }: KnownText): Uint8Array {
  const floats = Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength).toString('base64');
  return Buffer.from(JSON.stringify({ v: 1, context, text, vector: floats, expiresAt }));
}

/** Throws `InvalidMessage`. */
export function decodeKnownText(data: Uint8Array, place: Pick<KnownText, 'scope' | 'hash'>): KnownText {
  const value: unknown = JSON.parse(Buffer.from(data).toString());
  if (typeof value !== 'object' || value === null) throw new InvalidMessage('a kept text is not an object');
  const { context, text, vector, expiresAt } = { context: 0, text: 0, vector: 0, expiresAt: 0, ...value } as Readonly<
    Record<string, unknown>
  >;
  if (typeof context !== 'string' || typeof text !== 'string' || typeof vector !== 'string' || typeof expiresAt !== 'number') {
    throw new InvalidMessage('a kept text lacks a field');
  }
  const bytes = Uint8Array.from(Buffer.from(vector, 'base64'));
  if (bytes.length === 0 || bytes.length % 4 !== 0) throw new InvalidMessage('a kept text has no vector');
  return { ...place, context, text, expiresAt, vector: new Float32Array(bytes.buffer) };
}
