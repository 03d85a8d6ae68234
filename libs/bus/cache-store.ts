import { randomUUID } from 'node:crypto';
import { DiscardPolicy, jetstreamManager, RetentionPolicy } from '@nats-io/jetstream';
import { CACHE_NOTES_SUBJECT, CACHE_STREAM, CACHE_SUBJECTS, cacheSubject, SIMILAR_SUBJECTS, similarSubject } from '#contracts';
import type { Bus } from './connect.ts';
import { followStream, type StreamFollower } from './follow-stream.ts';
import { lastOf } from './document-store.ts';
import { publishCore, subscribeCore } from './messages.ts';
import { publishDurably } from './publish.ts';
import { ensureStream } from './topology.ts';

/**
 * Answers that may be given again, one message for each, in a stream of their own: unlike a bucket it never refuses, at its size limit the
 * oldest go first.
 */
export interface CacheStore {
  /** Rejects while it can't be reached. */
  get(scope: string, hash: string): Promise<Uint8Array | undefined>;
  /** Resolves when every replica can find it. */
  put(scope: string, hash: string, entry: Uint8Array): Promise<void>;
  /** What an entry was asked, for those who ask something similar. */
  putText(scope: string, hash: string, text: Uint8Array): Promise<void>;
  /** Every such text there is, and then those that come. */
  followTexts(onText: (place: { readonly scope: string; readonly hash: string }, text: Uint8Array) => void): Promise<StreamFollower>;
  /** In one scope, or in all (`*`). Whether it was there. */
  delete(scope: string, hash: string): Promise<boolean>;
  /** How many there were. */
  deleteAll(): Promise<number>;
  /** Entries and bytes now. */
  size(): Promise<{ readonly entries: number; readonly bytes: number }>;
}

export interface CacheStoreOptions {
  /** No entry is kept for longer. */
  readonly ttlMs: number;
  /** Of all entries together. */
  readonly maxBytes: number;
}

const GIVE_UP_AFTER_MS = 2_000;
/** An entry that is written again is no repeat of the one before. */
const DEDUPE_NS = 1e9;

/** Creates the stream, or gives it other limits. Safe to run from every process at once. */
export async function openCacheStore(bus: Bus, options: CacheStoreOptions): Promise<CacheStore> {
  const manager = await jetstreamManager(bus.nc, { checkAPI: false });
  const stream = {
    name: CACHE_STREAM,
    subjects: [CACHE_SUBJECTS, SIMILAR_SUBJECTS],
    retention: RetentionPolicy.Limits,
    discard: DiscardPolicy.Old,
    max_age: options.ttlMs * 1e6,
    max_bytes: options.maxBytes,
    max_msgs_per_subject: 1,
    duplicate_window: DEDUPE_NS,
  };
  await ensureStream(manager, stream, bus.nc.info?.cluster ? 3 : 1);
  return {
    async get(scope, hash) {
      return (await lastOf(manager, CACHE_STREAM, cacheSubject(scope, hash)))?.data;
    },
    async put(scope, hash, data) {
      const message = { subject: cacheSubject(scope, hash), data, messageId: randomUUID() };
      await publishDurably(bus, message, { giveUpAfterMs: GIVE_UP_AFTER_MS });
    },
    async putText(scope, hash, data) {
      const message = { subject: similarSubject(scope, hash), data, messageId: randomUUID() };
      await publishDurably(bus, message, { giveUpAfterMs: GIVE_UP_AFTER_MS });
    },
    followTexts: (onText) =>
      followStream(bus, {
        stream: CACHE_STREAM,
        filterSubject: SIMILAR_SUBJECTS,
        onMessage: ({ subject, data }) => {
          const [, scope = '', hash = ''] = subject.split('.');
          onText({ scope, hash }, data);
        },
      }),
    async delete(scope, hash) {
      await manager.streams.purge(CACHE_STREAM, { filter: similarSubject(scope, hash) });
      const { purged } = await manager.streams.purge(CACHE_STREAM, { filter: cacheSubject(scope, hash) });
      return purged > 0;
    },
    async deleteAll() {
      return (await manager.streams.purge(CACHE_STREAM)).purged;
    },
    async size() {
      const { state } = await manager.streams.info(CACHE_STREAM);
      return { entries: state.messages, bytes: state.bytes };
    },
  };
}

/** Which entries are gone: the memories in front of the store are to forget them. `hashes` undefined: all. */
export interface CacheNote {
  readonly hashes?: readonly string[] | undefined;
}

export function publishCacheNote(bus: Bus, note: CacheNote): void {
  publishCore(bus, CACHE_NOTES_SUBJECT, Buffer.from(JSON.stringify(note)));
}

export interface CacheNoteListener {
  onNote(note: CacheNote): void;
  /** Notes can get lost around a reconnect. */
  onLost(): void;
}

/** Returns its own end. */
export function watchCacheNotes(bus: Bus, { onNote, onLost }: CacheNoteListener): () => void {
  const unsubscribe = subscribeCore(bus, CACHE_NOTES_SUBJECT, ({ data }) => onNote(decodeNote(data)));
  const forget = bus.onReconnect(onLost);
  return () => {
    unsubscribe();
    forget();
  };
}

function decodeNote(data: Uint8Array): CacheNote {
  const value: unknown = JSON.parse(Buffer.from(data).toString());
  const hashes: unknown = typeof value === 'object' && value !== null && 'hashes' in value ? value.hashes : undefined;
  return Array.isArray(hashes) ? { hashes: hashes.map(String) } : {};
}
