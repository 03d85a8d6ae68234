import { LRUCache } from 'lru-cache';
import { type Scope, scopeEntry, type ScopeRecord } from '#contracts';
import { readPatiently } from '../auth/read-patiently.ts';

/**
 * Teams, users, end users and so on as they were last seen, kept current by the bucket's watch, as the keys are (`key-cache.ts`). That
 * there is none is remembered too: the watch tells of the first one. While the bucket has never held anything nobody is looked up.
 */
export interface ScopeCache {
  /** `undefined` where nothing is known of it: nothing is limited then. Throws `service_unavailable` when it can't be looked up. */
  find(scope: Scope): ScopeRecord | undefined | Promise<ScopeRecord | undefined>;
  close(): void;
}

export interface WatchedScopes {
  get(scope: Scope): Promise<ScopeRecord | undefined>;
  watch(onChange: (entry: string, record: ScopeRecord | undefined) => void): Promise<() => void>;
  count(): Promise<number>;
}

/** Records are about 500 bytes, end users that are none of ours a name: 50 MB at the most. */
const MAX_SCOPES = 100_000;

type Entry = { readonly record: ScopeRecord | undefined };

export async function createScopeCache(bucket: WatchedScopes): Promise<ScopeCache> {
  const entries = new LRUCache<string, Entry>({ max: MAX_SCOPES });
  let changes = 0;
  const unwatch = await bucket.watch((entry, record) => {
    changes += 1;
    entries.set(entry, { record });
  });
  const isEmpty = (await bucket.count()) === 0;

  const lookUp = async (scope: Scope, entry: string): Promise<ScopeRecord | undefined> => {
    const before = changes;
    const record = await readPatiently(`The ${scope.kind} of this request`, () => bucket.get(scope));
    // what changed meanwhile may be this one: then the watch has the newer word
    if (changes === before) entries.set(entry, { record });
    const known = entries.get(entry);
    return known ? known.record : record;
  };

  return {
    find(scope) {
      if (isEmpty && changes === 0) return undefined;
      const entry = scopeEntry(scope);
      const known = entries.get(entry);
      return known ? known.record : lookUp(scope, entry);
    },
    close: unwatch,
  };
}
