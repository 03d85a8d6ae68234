import { deleteKeysOf, type KeyOwners } from '#db';
import { recordChange } from '../audit/record-change.ts';
import { callerName } from '../auth/caller.ts';
import type { Writing } from './write-scope.ts';

/** The keys of whatever is deleted go with it, in the same transaction: none outlives its owner. Resolves with their hashes. */
export async function deleteOwnedKeys({ inside, caller }: Writing, owners: KeyOwners): Promise<string[]> {
  const hashes = await deleteKeysOf(inside, owners, { by: callerName(caller) });
  await recordChange(inside, caller, ...hashes.map((hash) => ({ action: 'deleted' as const, table: 'keys' as const, objectId: hash })));
  return hashes;
}
