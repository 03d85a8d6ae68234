import { StorageType } from '@nats-io/jetstream';
import { type KvEntry, Kvm } from '@nats-io/kv';
import { decodeKeyRecord, type KeyRecord, KEYS_BUCKET } from '#contracts';
import type { Bus } from './connect.ts';
import { watchBucket, type WatchOptions } from './watch-bucket.ts';

/** Virtual keys as the ingress reads them, by SHA-256. Written by admin only. */
export interface KeysBucket {
  /** `undefined` for a key that is not there, was deleted, or has an entry nobody can read. Rejects while NATS is away. */
  get(hash: string): Promise<KeyRecord | undefined>;
  /** `entry`: the hash of another secret of the same key. */
  put(record: KeyRecord, entry?: string): Promise<void>;
  delete(hash: string): Promise<void>;
  /**
   * The new state of every key that changes after this call resolved, also while the connection is away; `undefined` is a
   * deletion. A state that was replaced at once may be skipped, one may be told again after a reconnect. Returns its own end.
   */
  watch(onChange: (hash: string, record: KeyRecord | undefined) => void, options?: WatchOptions): Promise<() => void>;
  /** Entries in the bucket, deletion markers included: 0 is a bucket nobody has written to. */
  count(): Promise<number>;
}

/** Opens the bucket, creating it when this is the first process to ask. */
export async function openKeysBucket(bus: Bus): Promise<KeysBucket> {
  const replicas = bus.nc.info?.cluster ? 3 : 1;
  const kv = await new Kvm(bus.js).create(KEYS_BUCKET, { history: 1, storage: StorageType.File, replicas });
  return {
    async get(hash) {
      const entry = await kv.get(hash);
      return entry === null ? undefined : toRecord(entry);
    },
    async put(record, entry = record.hash) {
      await kv.put(entry, JSON.stringify(record));
    },
    delete: (hash) => kv.delete(hash),
    watch: (onChange, options) => watchBucket(bus, kv, (entry) => onChange(entry.key, toRecord(entry)), options),
    async count() {
      return (await kv.status()).streamInfo.state.messages;
    },
  };
}

function toRecord(entry: KvEntry): KeyRecord | undefined {
  if (entry.operation !== 'PUT') return undefined;
  try {
    return decodeKeyRecord(entry.string());
  } catch {
    return undefined;
  }
}
