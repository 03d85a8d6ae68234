import { JetStreamApiError } from '@nats-io/jetstream';
import type { KV } from '@nats-io/kv';
import type { Bus } from './connect.ts';
import { openLatestOnly } from './open-latest-only.ts';

export interface CasEntry {
  /** Undefined for an entry that is not there. */
  readonly text: string | undefined;
  /** 0 for one that never was. */
  readonly revision: number;
}

/** Entries that several processes change, by compare and set only. */
export interface CasBucket {
  /** May be stale: decide nothing by it without `write`. Rejects while NATS is away. */
  read(key: string): Promise<CasEntry>;
  /** The new revision; undefined when somebody else has changed the entry since `revision`. Rejects while NATS is away. */
  write(key: string, text: string, revision: number): Promise<number | undefined>;
  /** All entries that are there. Rejects when they do not come. */
  readAll(): Promise<ReadonlyMap<string, CasEntry & { readonly text: string }>>;
  /** For what is the client's own. */
  readonly kv: KV;
}

const WRONG_LAST_SEQUENCE = new Set([10071, 10164]);

/** Opens the bucket, creating it when this is the first process to ask. On disk: a restart must not forget. */
export async function openCasBucket(bus: Bus, name: string): Promise<CasBucket> {
  const kv = await openLatestOnly(bus, name);
  return {
    kv,
    async read(key) {
      const entry = await kv.get(key);
      if (entry === null) return { text: undefined, revision: 0 };
      return { text: entry.operation === 'PUT' ? entry.string() : undefined, revision: entry.revision };
    },
    async write(key, text, revision) {
      try {
        return revision === 0 ? await kv.create(key, text) : await kv.update(key, text, revision);
      } catch (error) {
        if (error instanceof JetStreamApiError && WRONG_LAST_SEQUENCE.has(error.code)) return undefined;
        throw error;
      }
    },
    readAll: () => readAll(kv),
  };
}

async function readAll(kv: KV): Promise<ReadonlyMap<string, CasEntry & { readonly text: string }>> {
  const found = new Map<string, CasEntry & { readonly text: string }>();
  const { messages } = (await kv.status()).streamInfo.state;
  // an empty bucket sends nothing, not even an end
  if (messages === 0) return found;
  const watcher = await kv.watch();
  for await (const entry of watcher) {
    if (entry.operation === 'PUT') found.set(entry.key, { text: entry.string(), revision: entry.revision });
    if (entry.delta === 0) watcher.stop();
  }
  return found;
}
