import { deleteScopes, type StoredScope } from '#db';
import { recordChange } from '../audit/record-change.ts';
import { callerName } from '../auth/caller.ts';
import { auditView, tableOf, type Writing } from './write-scope.ts';

/** Deletes those that were locked in this transaction, all of one kind, and says so in the audit log. What belongs to them is their caller's. */
export async function dropScopes({ inside, caller }: Writing, locked: readonly StoredScope[]): Promise<StoredScope[]> {
  const [first] = locked;
  if (first === undefined) return [];
  const { kind } = first;
  const deleted = await deleteScopes(inside, { kind, ids: locked.map(({ id }) => id) }, { by: callerName(caller) });
  const changes = locked.map((scope) => ({
    action: 'deleted' as const,
    table: tableOf(kind),
    objectId: scope.id,
    before: auditView(scope),
  }));
  await recordChange(inside, caller, ...changes);
  return deleted;
}
