import type { KV, KvEntry } from '@nats-io/kv';
import type { Bus } from './connect.ts';
import { openLatestOnly } from './open-latest-only.ts';
import { watchBucket, type WatchOptions } from './watch-bucket.ts';

/** Records of one kind by the names of their entries. */
export interface RecordBucket<Value> {
  /** `undefined` for an entry that is not there, was deleted, or that nobody can read. Rejects while NATS is away. */
  get(entry: string): Promise<Value | undefined>;
  put(entry: string, record: Value): Promise<void>;
  delete(entry: string): Promise<void>;
  /**
   * The new state of every entry that changes after this call resolved, also while the connection is away; `undefined` is a
   * deletion. A state that was replaced at once may be skipped, one may be told again after a reconnect. Returns its own end.
   */
  watch(onChange: (entry: string, record: Value | undefined) => void, options?: WatchOptions): Promise<() => void>;
  /** Entries in the bucket, deletion markers included: 0 is a bucket nobody has written to. */
  count(): Promise<number>;
}

/** `decode` throws, or tells nothing, for what is no record. */
export async function openRecordBucket<Value>(
  bus: Bus,
  bucket: string,
  decode: (text: string) => Value | undefined,
): Promise<RecordBucket<Value>> {
  const kv = await openLatestOnly(bus, bucket);
  return {
    async get(name) {
      const entry = await kv.get(name);
      return entry === null ? undefined : readRecord(entry, decode);
    },
    async put(name, record) {
      await kv.put(name, JSON.stringify(record));
    },
    delete: (name) => kv.delete(name),
    watch: (onChange, options) => watchBucket(bus, kv, (entry) => onChange(entry.key, readRecord(entry, decode)), options),
    count: () => countEntries(kv),
  };
}

export async function countEntries(kv: KV): Promise<number> {
  return (await kv.status()).streamInfo.state.messages;
}

/** `undefined` for a deletion, and for what nobody can read. */
export function readRecord<Value>(entry: KvEntry, decode: (text: string) => Value | undefined): Value | undefined {
  if (entry.operation !== 'PUT') return undefined;
  try {
    return decode(entry.string());
  } catch {
    return undefined;
  }
}
