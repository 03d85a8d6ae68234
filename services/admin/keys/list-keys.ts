import { z } from 'zod';
import { listVirtualKeys, spendOfKeys } from '#db';
import { type Caller, requireMaster } from '../auth/caller.ts';
import { parseInput } from '../errors/parse-input.ts';
import type { AdminResources } from '../resources.ts';
import { toKeyHash } from './key-secret.ts';
import { keyRowView } from './key-view.ts';

const MAX_PAGE_SIZE = 100;

const querySchema = z.object({
  page: z.coerce.number().int().min(1).max(1_000_000).default(1),
  size: z.coerce.number().int().min(1).max(MAX_PAGE_SIZE).default(10),
  user_id: z.string().optional(),
  team_id: z.string().optional(),
  key_hash: z.string().optional(),
  key_alias: z.string().optional(),
  return_full_object: z.stringbool().default(false),
  sort_by: z.literal('created_at', 'only created_at is supported').optional(),
  sort_order: z.enum(['asc', 'desc']).default('desc'),
});

/** `GET /key/list`: hashes, or whole rows with `return_full_object=true`. */
export async function listKeys(query: unknown, caller: Caller, { db }: AdminResources) {
  requireMaster(caller);
  const asked = parseInput(query, { schema: querySchema, place: 'query' });
  const filter = {
    userId: asked.user_id,
    teamId: asked.team_id,
    alias: asked.key_alias,
    hash: asked.key_hash === undefined ? undefined : toKeyHash(asked.key_hash),
  };
  const { keys, total } = await listVirtualKeys(db, filter, {
    page: asked.page,
    size: asked.size,
    oldestFirst: asked.sort_order === 'asc',
  });
  const hashes = keys.map((key) => key.hash);
  const spend = asked.return_full_object && hashes.length > 0 ? await spendOfKeys(db, hashes) : undefined;
  return {
    keys: spend === undefined ? hashes : keys.map((key) => keyRowView(key, spend.get(key.hash) ?? '0')),
    total_count: total,
    current_page: asked.page,
    total_pages: Math.ceil(total / asked.size),
  };
}
