import { createRequire } from 'node:module';
import type Usearch from 'usearch';
import { haveSameFacts } from './same-facts.ts';

const load = createRequire(import.meta.url);
/** 11 MB, loaded with the first text. */
const usearch = (): typeof Usearch => load('usearch') as typeof Usearch;

/** A request whose answer is kept, as similar ones find it. */
export interface KnownText {
  /** Who shares it, and all of the request but its last text (`contextHash`). */
  readonly scope: string;
  readonly context: string;
  readonly text: string;
  /** What made the vector: others are never compared with it, nor are those of another length. Empty for the model that comes with the gateway. */
  readonly space: string;
  readonly vector: Float32Array;
  /** The entry's name. */
  readonly hash: string;
  /** Unix milliseconds. */
  readonly expiresAt: number;
}

export interface Similar {
  readonly hash: string;
  /** Cosine. */
  readonly similarity: number;
}

export interface SimilarIndex {
  add(known: KnownText): void;
  /** The closest text of the same scope and context that says the same. */
  find(asked: Omit<KnownText, 'hash' | 'expiresAt'>, options: { readonly threshold: number; readonly now: number }): Similar | undefined;
  forget(scope: string, hash: string): void;
  /** Whether texts of the scope had to go for newer ones: somebody else may have them. */
  isFull(scope: string): boolean;
  readonly size: number;
}

/** The nearest by cosine that are checked word by word. */
const CANDIDATES = 8;

interface Room {
  readonly index: InstanceType<typeof Usearch.Index>;
  readonly texts: Map<bigint, Omit<KnownText, 'vector'>>;
}

/**
 * Kept texts by meaning, in memory: one approximate index (HNSW) for each scope, context and kind of vector, so that nothing of one can be found from another. Bounded by
 * `maxEntries` for each scope: the oldest go first.
 */
export function createSimilarIndex({ maxEntries }: { readonly maxEntries: () => number }): SimilarIndex {
  const rooms = new Map<string, Room>();
  /** In the order of their coming: where each text of a scope is. */
  const scopes = new Map<string, Map<string, { readonly room: string; readonly key: bigint }>>();
  const full = new Set<string>();
  let nextKey = 0n;

  const remove = (scope: string, hash: string): void => {
    const place = scopes.get(scope)?.get(hash);
    const room = place && rooms.get(place.room);
    if (place === undefined || room === undefined) return;
    scopes.get(scope)?.delete(hash);
    room.texts.delete(place.key);
    room.index.remove(place.key);
    if (room.texts.size === 0) rooms.delete(place.room);
  };

  return {
    add(known) {
      const { vector, ...named } = known;
      const { scope, hash } = named;
      remove(scope, hash);
      const name = roomName(known);
      const room = rooms.get(name) ?? {
        index: new (usearch().Index)(vector.length, usearch().MetricKind.Cos),
        texts: new Map<bigint, Omit<KnownText, 'vector'>>(),
      };
      rooms.set(name, room);
      const key = (nextKey += 1n);
      room.index.add(key, vector);
      room.texts.set(key, named);
      const held = scopes.get(scope) ?? new Map<string, { room: string; key: bigint }>();
      scopes.set(scope, held.set(hash, { room: name, key }));
      if (held.size <= maxEntries()) return;
      full.add(scope);
      for (const oldest of [...held.keys()].slice(0, held.size - maxEntries())) remove(scope, oldest);
    },
    find(asked, { threshold, now }) {
      const room = rooms.get(roomName(asked));
      const { text, vector } = asked;
      if (room === undefined) return undefined;
      const { keys, distances } = room.index.search(vector, Math.min(CANDIDATES, room.texts.size), 0);
      for (const [at, key] of [...keys].entries()) {
        const known = room.texts.get(key);
        const similarity = 1 - (distances[at] ?? 1);
        if (similarity < threshold) return undefined;
        if (known !== undefined && known.expiresAt > now && haveSameFacts(text, known.text)) return { hash: known.hash, similarity };
      }
      return undefined;
    },
    forget: remove,
    isFull: (scope) => full.has(scope),
    get size() {
      return [...scopes.values()].reduce((sum, held) => sum + held.size, 0);
    },
  };
}

/** What is compared with each other has the same, and a vector of the same length. */
export type Placed = Pick<KnownText, 'scope' | 'context' | 'space' | 'vector'>;

function roomName({ scope, context, space, vector }: Placed): string {
  return `${scope}.${context}.${space}.${vector.length}`;
}
