import { z } from 'zod';
import { GatewayError } from '#contracts';
import { findVirtualKey, type VirtualKey } from '#db';
import { type Caller, denied } from '../auth/caller.ts';
import { parseInput } from '../errors/parse-input.ts';
import type { AdminResources } from '../resources.ts';
import { keyNotFound, withTeamsOrganization } from './find-key.ts';
import { seesKey } from './key-rights.ts';
import { toKeyHash } from './key-secret.ts';
import { budgetWindows, shownKey, shownKeys } from './key-spend.ts';
import { keyInfoView, keyRowView } from './key-view.ts';

export const keyInfoQuery = z.object({ key: z.string().min(1).optional().describe('The key, or its hash; without it the key that asks') });

/** `GET /key/info?key=`: of a key that the caller may see, a deleted one too. */
export async function keyInfo(query: unknown, caller: Caller, resources: AdminResources) {
  const { key: asked } = parseInput(query, { schema: keyInfoQuery, place: 'query' });
  const key = await visibleKey(asked, caller, resources);
  const info = { ...keyInfoView(key, await shownKey(key, resources)), ...(await budgetWindows(key, resources)) };
  return { key: asked ?? key.hash, info };
}

async function visibleKey(asked: string | undefined, caller: Caller, { db }: AdminResources): Promise<VirtualKey> {
  if (asked === undefined) {
    if (caller.kind === 'key') return caller.key;
    throw new GatewayError('invalid_request', 'key: name the key, as it is or by its hash.', { param: 'key' });
  }
  const key = await findVirtualKey(db, toKeyHash(asked));
  if (key !== undefined && seesKey(caller, await withTeamsOrganization(db, caller, key))) return key;
  // whoever may not see all is not told which keys there are
  if (key === undefined && caller.roles.has('proxy_admin')) throw keyNotFound();
  if (key === undefined && caller.roles.has('proxy_admin_viewer')) throw keyNotFound();
  throw denied('You can see your own keys only, and those of what you administer.', 'key');
}

const MAX_KEYS = 500;
export const keysInfoSchema = z.object({ keys: z.array(z.string().min(1)).min(1).max(MAX_KEYS) });

/** `POST /v2/key/info`: of those of the keys that are there and that the caller may see. */
export async function keysInfo(body: unknown, caller: Caller, resources: AdminResources) {
  const { keys: asked } = parseInput(body, { schema: keysInfoSchema, place: 'body' });
  const found: VirtualKey[] = [];
  for (const one of asked) {
    const key = await findVirtualKey(resources.db, toKeyHash(one));
    if (key !== undefined && seesKey(caller, await withTeamsOrganization(resources.db, caller, key))) found.push(key);
  }
  const shown = await shownKeys(found, resources);
  return { key: asked, info: found.map((key, index) => keyRowView(key, shown[index])) };
}
