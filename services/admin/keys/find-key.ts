import { GatewayError } from '#contracts';
import { type Database, findScope, findVirtualKey, type VirtualKey } from '#db';
import type { Caller } from '../auth/caller.ts';
import { toKeyHash } from './key-secret.ts';

/** A key by itself, by its hash or by one of the secrets it has had. Throws 404 for one that is not there or was deleted. */
export async function requireKey(db: Database, keyOrHash: string, param = 'key'): Promise<VirtualKey> {
  const key = await findVirtualKey(db, toKeyHash(keyOrHash));
  if (key === undefined || key.deletedAt !== null) throw keyNotFound(param);
  return key;
}

/** The table's only plain 404; a key that is asked about is not the key that is asked with (401). */
export function keyNotFound(param = 'key'): GatewayError {
  return new GatewayError('route_not_found', 'There is no such key.', { param });
}

/** The key as rights are decided by it: an organization's administrator has its teams' keys too. */
export async function withTeamsOrganization(db: Database, caller: Caller, key: VirtualKey): Promise<VirtualKey> {
  if (key.organizationId !== null || key.teamId === null || caller.organizationIds.length === 0) return key;
  const team = await findScope(db, { kind: 'team', id: key.teamId });
  return { ...key, organizationId: team?.organizationId ?? null };
}
