import { changeVirtualKey, type Database, type KeyChange, transact, type VirtualKey } from '#db';
import { type AuditAction, type BY_ITSELF, recordChange } from '../audit/record-change.ts';
import { type Caller, callerName } from '../auth/caller.ts';
import type { AdminResources } from '../resources.ts';
import { publishTouched } from '../scopes/publish-scopes.ts';
import { keyNotFound } from './find-key.ts';
import { aliasTaken } from './generate-key.ts';
import { keyAuditView } from './key-view.ts';

export interface KeyAlteration {
  readonly caller: Caller | typeof BY_ITSELF;
  readonly action: AuditAction;
  /** What the key becomes, from what it is while nobody else changes it. Throws where the caller may not. */
  readonly change: (inside: Database, key: VirtualKey) => Promise<KeyChange>;
}

/** Changes one key inside of a transaction, with its entry in the audit log. Throws 404, 409 for a taken alias, and what `change` does. */
export async function alterKey(inside: Database, hash: string, { caller, action, change }: KeyAlteration): Promise<VirtualKey> {
  const by = typeof caller === 'string' ? caller : callerName(caller);
  let asked: KeyChange = {};
  const result = await changeVirtualKey(inside, hash, { by, change: async (key, within) => (asked = await change(within, key)) });
  if (result.kind === 'not-found') throw keyNotFound();
  if (result.kind === 'alias-taken') throw aliasTaken(asked.alias);
  const { before, after } = result;
  await recordChange(inside, caller, { action, table: 'keys', objectId: hash, before: keyAuditView(before), after: keyAuditView(after) });
  return after;
}

/** The same in a transaction of its own; answers once every gateway has been told. */
export async function alterAndPublish(hash: string, alteration: KeyAlteration, resources: AdminResources): Promise<VirtualKey> {
  const key = await transact(resources.db, (inside) => alterKey(inside, hash, alteration));
  await publishTouched({ keys: [key.hash] }, resources);
  return key;
}
