import { InvalidMessage } from '#contracts';
import { readVector, writeVector } from './vector-text.ts';
import type { Placed } from './similar-index.ts';

/** Asks whoever has more texts than a memory for the closest to a vector, among those of its scope, context and kind. */
export interface SimilarLookup extends Placed {
  /** Least cosine. */
  readonly threshold: number;
}

/** One that is close; whether it says the same is for the asker to see. */
export interface NearbyText {
  readonly hash: string;
  readonly text: string;
  /** Cosine. */
  readonly similarity: number;
}

export function encodeLookup({ scope, context, space, vector, threshold }: SimilarLookup): Uint8Array {
  return Buffer.from(JSON.stringify({ v: 1, scope, context, space, vector: writeVector(vector), threshold }));
}

/** Throws `InvalidMessage`. */
export function decodeLookup(data: Uint8Array): SimilarLookup {
  const fields = fieldsOf(JSON.parse(Buffer.from(data).toString()));
  const threshold = fields.get('threshold');
  if (typeof threshold !== 'number') throw new InvalidMessage('a look-up has no threshold');
  const textOf = (name: string): string => {
    const value = fields.get(name);
    if (typeof value !== 'string') throw new InvalidMessage(`a look-up has no ${name}`);
    return value;
  };
  return { scope: textOf('scope'), context: textOf('context'), space: textOf('space'), vector: readVector(textOf('vector')), threshold };
}

export function encodeNearby(texts: readonly NearbyText[]): Uint8Array {
  return Buffer.from(JSON.stringify({ v: 1, texts }));
}

/** Throws `InvalidMessage`. */
export function decodeNearby(data: Uint8Array): readonly NearbyText[] {
  const texts = fieldsOf(JSON.parse(Buffer.from(data).toString())).get('texts');
  if (!Array.isArray(texts)) throw new InvalidMessage('an answer to a look-up has no texts');
  return texts.map((value: unknown) => {
    const fields = fieldsOf(value);
    const [hash, text, similarity] = ['hash', 'text', 'similarity'].map((name) => fields.get(name));
    if (typeof hash === 'string' && typeof text === 'string' && typeof similarity === 'number') return { hash, text, similarity };
    throw new InvalidMessage('a text near by lacks a field');
  });
}

function fieldsOf(value: unknown): ReadonlyMap<string, unknown> {
  if (typeof value === 'object' && value !== null) return new Map(Object.entries(value));
  throw new InvalidMessage('a look-up is not an object');
}
