import { z } from 'zod';
import { GatewayError } from '#contracts';
import { deleteVirtualKeys, findVirtualKeysByAlias, setVirtualKeyBlocked, spendOfKeys } from '#db';
import { type Caller, callerName, requireMaster } from '../auth/caller.ts';
import { parseInput } from '../errors/parse-input.ts';
import type { AdminResources } from '../resources.ts';
import { keyNotFound } from './key-info.ts';
import { toKeyHash } from './key-secret.ts';
import { keyRowView } from './key-view.ts';

const blockSchema = z.object({ key: z.string().min(1) });

/** `POST /key/block` and `/key/unblock`: answers once every gateway has been told. */
export async function setKeyBlocked(blocked: boolean, body: unknown, caller: Caller, resources: AdminResources) {
  requireMaster(caller);
  const { key: asked } = parseInput(body, { schema: blockSchema, place: 'body' });
  const key = await setVirtualKeyBlocked(resources.db, toKeyHash(asked), { blocked, by: callerName(caller) });
  if (key === undefined) throw keyNotFound();
  await publishOrThrow([key.hash], resources);
  const spend = await spendOfKeys(resources.db, [key.hash]);
  return keyRowView(key, spend.get(key.hash) ?? '0');
}

const MAX_KEYS = 1_000;
const list = z.array(z.string().min(1)).max(MAX_KEYS).nullish();
const deleteSchema = z.object({ keys: list, key_aliases: list });

/** `POST /key/delete`: all keys that were named, by themselves, their hashes or their aliases, or none. */
export async function deleteKeys(body: unknown, caller: Caller, resources: AdminResources) {
  requireMaster(caller);
  const { keys, key_aliases: aliases } = parseInput(body, { schema: deleteSchema, place: 'body' });
  const named = [...(keys ?? []), ...(aliases ?? [])];
  if (named.length === 0) throw new GatewayError('invalid_request', 'Give keys or key_aliases.', { param: 'keys' });
  const hashes = [...new Set([...(keys ?? []).map(toKeyHash), ...(await hashesOfAliases(aliases ?? [], resources))])];
  const missing = await deleteVirtualKeys(resources.db, hashes, { by: callerName(caller) });
  if (missing.length > 0) throw keyNotFound(placeOf(missing, keys ?? []));
  await publishOrThrow(hashes, resources);
  return { deleted_keys: named };
}

/** Where the first missing key stands; an alias can be missing here only when somebody else deleted it just now. */
function placeOf(missing: readonly string[], keys: readonly string[]): string {
  const index = keys.findIndex((key) => missing.includes(toKeyHash(key)));
  return index >= 0 ? `keys[${index}]` : 'key_aliases';
}

async function hashesOfAliases(aliases: readonly string[], { db }: AdminResources): Promise<string[]> {
  if (aliases.length === 0) return [];
  const found = await findVirtualKeysByAlias(db, aliases);
  const missing = aliases.findIndex((alias) => !found.some((key) => key.alias === alias));
  if (missing >= 0) throw keyNotFound(`key_aliases[${missing}]`);
  return found.map((key) => key.hash);
}

/** A key that was shut must not be reported as shut while gateways may still let it in. */
async function publishOrThrow(hashes: readonly string[], { keys }: AdminResources): Promise<void> {
  const published = await Promise.all(hashes.map((hash) => keys.publish(hash)));
  if (published.every(Boolean)) return;
  throw new GatewayError(
    'queue_unavailable',
    'The change is stored, but has not reached the gateways yet. It is brought there as soon as they can be reached; repeat the call to be sure.',
  );
}
