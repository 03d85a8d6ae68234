import { decodeScopeRecord, type Scope, scopeEntry, type ScopeRecord, SCOPES_BUCKET } from '#contracts';
import type { Bus } from './connect.ts';
import { openRecordBucket, type RecordBucket } from './record-bucket.ts';

/** Teams, users, members, organizations, end users and tags as admission needs them, by `scopeEntry`. Written by admin only. */
export interface ScopesBucket extends Pick<RecordBucket<ScopeRecord>, 'watch' | 'count'> {
  /** `undefined` where nothing is known of it, or nobody can read it. Rejects while NATS is away. */
  get(scope: Scope): Promise<ScopeRecord | undefined>;
  put(record: ScopeRecord): Promise<void>;
  delete(scope: Scope): Promise<void>;
}

export async function openScopesBucket(bus: Bus): Promise<ScopesBucket> {
  const bucket = await openRecordBucket(bus, SCOPES_BUCKET, decodeScopeRecord);
  return {
    ...bucket,
    get: (scope) => bucket.get(scopeEntry(scope)),
    put: (record) => bucket.put(scopeEntry(record), record),
    delete: (scope) => bucket.delete(scopeEntry(scope)),
  };
}
