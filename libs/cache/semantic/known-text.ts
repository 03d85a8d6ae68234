import { InvalidMessage } from '#contracts';
import type { KnownText } from './similar-index.ts';
import { readVector, writeVector } from './vector-text.ts';

/** A kept text as it travels to the other replicas; who shares it and the entry's name stand in the subject. */
export function encodeKnownText({ context, text, space, vector, expiresAt }: KnownText): Uint8Array {
  return Buffer.from(JSON.stringify({ v: 1, context, text, space, vector: writeVector(vector), expiresAt }));
}

/** Throws `InvalidMessage`. */
export function decodeKnownText(data: Uint8Array, place: Pick<KnownText, 'scope' | 'hash'>): KnownText {
  const value: unknown = JSON.parse(Buffer.from(data).toString());
  if (typeof value !== 'object' || value === null) throw new InvalidMessage('a kept text is not an object');
  const fields = new Map<string, unknown>(Object.entries(value));
  const [context, text, vector] = ['context', 'text', 'vector'].map((name) => fields.get(name));
  const space = fields.get('space') ?? '';
  const expiresAt = fields.get('expiresAt');
  const isText = typeof context === 'string' && typeof text === 'string' && typeof space === 'string';
  if (!isText || typeof vector !== 'string' || typeof expiresAt !== 'number') {
    throw new InvalidMessage('a kept text lacks a field');
  }
  return { ...place, context, text, space, expiresAt, vector: readVector(vector) };
}
