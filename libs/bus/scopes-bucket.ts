import { StorageType } from '@nats-io/jetstream';
import { type KvEntry, Kvm } from '@nats-io/kv';
import { decodeScopeRecord, type Scope, scopeEntry, type ScopeRecord, SCOPES_BUCKET } from '#contracts';
import type { Bus } from './connect.ts';
import { watchBucket, type WatchOptions } from './watch-bucket.ts';

/** Teams, users, members, organizations, end users and tags as admission needs them, by `scopeEntry`. Written by admin only. */
export interface ScopesBucket {
  /** `undefined` where nothing is known of it, or nobody can read it. Rejects while NATS is away. */
  get(scope: Scope): Promise<ScopeRecord | undefined>;
  put(record: ScopeRecord): Promise<void>;
  delete(scope: Scope): Promise<void>;
  /** As `KeysBucket.watch`, by entry (`scopeEntry`). */
  watch(onChange: (entry: string, record: ScopeRecord | undefined) => void, options?: WatchOptions): Promise<() => void>;
  /** Entries in the bucket, deletion markers included: 0 is a bucket nobody has written to. */
  count(): Promise<number>;
}

/** Opens the bucket, creating it when this is the first process to ask. */
export async function openScopesBucket(bus: Bus): Promise<ScopesBucket> {
  const replicas = bus.nc.info?.cluster ? 3 : 1;
  const kv = await new Kvm(bus.js).create(SCOPES_BUCKET, { history: 1, storage: StorageType.File, replicas });
  return {
    async get(scope) {
      const entry = await kv.get(scopeEntry(scope));
      return entry === null ? undefined : toRecord(entry);
    },
    async put(record) {
      await kv.put(scopeEntry(record), JSON.stringify(record));
    },
    delete: (scope) => kv.delete(scopeEntry(scope)),
    watch: (onChange, options) => watchBucket(bus, kv, (entry) => onChange(entry.key, toRecord(entry)), options),
    async count() {
      return (await kv.status()).streamInfo.state.messages;
    },
  };
}

function toRecord(entry: KvEntry): ScopeRecord | undefined {
  if (entry.operation !== 'PUT') return undefined;
  try {
    return decodeScopeRecord(entry.string());
  } catch {
    return undefined;
  }
}
