import type { KvEntry } from '@nats-io/kv';
import { CONFIG_BUCKET, configEntry, type ConfigRecord, decodeConfigRecord } from '#contracts';
import type { Bus } from './connect.ts';
import { openLatestOnly } from './open-latest-only.ts';
import { countEntries, readRecord } from './record-bucket.ts';
import { watchBucket } from './watch-bucket.ts';

/** Models and settings that were set over HTTP, by `configEntry`. Written by admin only. */
export interface ConfigBucket {
  put(record: ConfigRecord): Promise<void>;
  delete(entry: string): Promise<void>;
  /**
   * All records by their entry: once before the promise resolves, then whenever one of them has changed, also while the connection was away.
   * Changes that come together are told once. Returns its own end.
   */
  watch(onChange: (records: ReadonlyMap<string, ConfigRecord>) => void): Promise<() => void>;
  /** Entries in the bucket, deletion markers included: 0 is a bucket nobody has written to. */
  count(): Promise<number>;
}

/** Many models are often changed in a row. */
const GATHER_MS = 15;

/** Opens the bucket, creating it when this is the first process to ask. */
export async function openConfigBucket(bus: Bus): Promise<ConfigBucket> {
  const kv = await openLatestOnly(bus, CONFIG_BUCKET);
  return {
    async put(record) {
      await kv.put(configEntry(record), JSON.stringify(record));
    },
    delete: (entry) => kv.delete(entry),
    async watch(onChange) {
      const held = holdRecords();
      let timer: NodeJS.Timeout | undefined;
      const tell = (): void => {
        timer = undefined;
        onChange(held.records());
      };
      let isLoading = true;
      const unwatch = await watchBucket(bus, kv, (entry) => {
        if (held.take(entry) && !isLoading) timer ??= setTimeout(tell, GATHER_MS);
      });
      for await (const key of await kv.keys()) {
        const entry = await kv.get(key);
        if (entry !== null) held.take(entry);
      }
      isLoading = false;
      tell();
      return () => {
        clearTimeout(timer);
        unwatch();
      };
    },
    count: () => countEntries(kv),
  };
}

/** The newest state of each entry: what was read may be older than what the watch has told meanwhile. */
function holdRecords() {
  const held = new Map<string, { readonly created: number; readonly revision: number; readonly record: ConfigRecord | undefined }>();
  return {
    /** False for a state that is no news. */
    take(entry: KvEntry): boolean {
      const created = entry.created.getTime();
      const known = held.get(entry.key);
      // a bucket that was lost and made anew counts from 1 again: its entries are younger all the same
      if (known !== undefined && created <= known.created && entry.revision <= known.revision) return false;
      held.set(entry.key, { created, revision: entry.revision, record: readRecord(entry, decodeConfigRecord) });
      return true;
    },
    records: () => new Map([...held].flatMap(([key, { record }]) => (record === undefined ? [] : [[key, record] as const]))),
  };
}
