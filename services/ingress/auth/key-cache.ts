import { LRUCache } from 'lru-cache';
import type { KeysBucket } from '#bus';
import type { KeyRecord } from '#contracts';
import { readPatiently } from './read-patiently.ts';

/**
 * Keys as they were last seen, kept current by the bucket's watch: a blocked key is refused as soon as its change arrives.
 * The watch tells what changed while the connection was away too, so a reconnect forgets nothing. A look-up that is under
 * way while its key changes does not put the older answer in place.
 */
export interface KeyCache {
  /** `undefined` for a key nobody knows. Throws `service_unavailable` when a cold key can't be looked up. */
  find(hash: string): KeyRecord | undefined | Promise<KeyRecord | undefined>;
  close(): void;
}

/** A record is about 500 bytes: 100,000 keys take 50 MB. */
const MAX_KEYS = 100_000;
/** Unknown keys are remembered too, briefly, so that a client with a wrong key in a loop asks the bucket once a second. */
const UNKNOWN_TTL_MS = 1_000;

type Entry = { readonly record: KeyRecord | undefined };

export async function createKeyCache(bucket: KeysBucket): Promise<KeyCache> {
  const entries = new LRUCache<string, Entry>({ max: MAX_KEYS });
  let changes = 0;
  const unwatch = await bucket.watch((hash, record) => {
    changes += 1;
    if (record) entries.set(hash, { record });
    else entries.delete(hash);
  });

  const lookUp = async (hash: string): Promise<KeyRecord | undefined> => {
    const before = changes;
    const record = await readPatiently('The key', () => bucket.get(hash));
    if (changes === before) entries.set(hash, { record }, record ? {} : { ttl: UNKNOWN_TTL_MS });
    return record;
  };

  return {
    find(hash) {
      const entry = entries.get(hash);
      return entry ? entry.record : lookUp(hash);
    },
    close: unwatch,
  };
}
