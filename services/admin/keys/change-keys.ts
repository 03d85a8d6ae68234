import { z } from 'zod';
import { GatewayError } from '#contracts';
import { deleteVirtualKeys, findVirtualKeysByAlias, transact, type VirtualKey } from '#db';
import { recordChange } from '../audit/record-change.ts';
import { type Caller, callerName, denied } from '../auth/caller.ts';
import { parseInput } from '../errors/parse-input.ts';
import type { AdminResources } from '../resources.ts';
import { publishTouched } from '../scopes/publish-scopes.ts';
import { alterAndPublish } from './alter-key.ts';
import { keyNotFound, requireKey, withTeamsOrganization } from './find-key.ts';
import { administersKey, requireKeyRight } from './key-rights.ts';
import { shownKey } from './key-spend.ts';
import { keyAuditView, keyRowView } from './key-view.ts';

export const keySchema = z.object({ key: z.string().min(1).describe('The key, or its hash') });

/** `POST /key/block` and `/key/unblock`: answers once every gateway has been told. */
export async function setKeyBlocked(blocked: boolean, body: unknown, caller: Caller, resources: AdminResources) {
  const { key: asked } = parseInput(body, { schema: keySchema, place: 'body' });
  const { hash } = await requireKey(resources.db, asked);
  const action = blocked ? 'blocked' : 'unblocked';
  const change = async (inside: AdminResources['db'], key: VirtualKey) => {
    const owned = await withTeamsOrganization(inside, caller, key);
    if (blocked) requireKeyRight(caller, owned, '/key/block');
    else if (!administersKey(caller, owned)) throw denied('You do not administer the team or organization of this key.', 'key');
    return { blocked };
  };
  const key = await alterAndPublish(hash, { caller, action, change }, resources);
  return keyRowView(key, await shownKey(key, resources));
}

const MAX_KEYS = 1_000;
const list = z.array(z.string().min(1)).max(MAX_KEYS).nullish();
export const deleteKeysSchema = z.object({ keys: list, key_aliases: list });

/** `POST /key/delete`: all keys that were named, by themselves, their hashes or their aliases, or none. */
export async function deleteKeys(body: unknown, caller: Caller, resources: AdminResources) {
  const { keys, key_aliases: aliases } = parseInput(body, { schema: deleteKeysSchema, place: 'body' });
  const named = [...(keys ?? []), ...(aliases ?? [])];
  if (named.length === 0) throw new GatewayError('invalid_request', 'Give keys or key_aliases.', { param: 'keys' });
  const found = await namedKeys({ keys: keys ?? [], aliases: aliases ?? [] }, resources);
  for (const key of found) requireKeyRight(caller, await withTeamsOrganization(resources.db, caller, key), '/key/delete');
  const hashes = found.map(({ hash }) => hash);
  await transact(resources.db, async (inside) => {
    const missing = await deleteVirtualKeys(inside, hashes, { by: callerName(caller) });
    if (missing.length > 0) throw keyNotFound('keys');
    const deletions = found.map((key) => ({
      action: 'deleted' as const,
      table: 'keys' as const,
      objectId: key.hash,
      before: keyAuditView(key),
    }));
    await recordChange(inside, caller, ...deletions);
  });
  await publishTouched({ keys: hashes }, resources);
  return { deleted_keys: named };
}

/** Each once. Throws 404 that says where the first missing one stands. */
async function namedKeys(
  { keys, aliases }: { keys: readonly string[]; aliases: readonly string[] },
  { db }: AdminResources,
): Promise<VirtualKey[]> {
  const found = new Map<string, VirtualKey>();
  for (const [index, asked] of keys.entries()) {
    const key = await requireKey(db, asked, `keys[${index}]`);
    found.set(key.hash, key);
  }
  const byAlias = aliases.length === 0 ? [] : await findVirtualKeysByAlias(db, aliases);
  const missing = aliases.findIndex((alias) => !byAlias.some((key) => key.alias === alias));
  if (missing >= 0) throw keyNotFound(`key_aliases[${missing}]`);
  for (const key of byAlias) found.set(key.hash, key);
  return [...found.values()];
}
