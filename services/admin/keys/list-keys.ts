import { z } from 'zod';
import { findScopes, KEY_ORDERS, KEY_STATUSES, type KeyFilter, type KeyOrder, listKeyAliases, listVirtualKeys, type VirtualKey } from '#db';
import { type Caller, callerName, seesAll } from '../auth/caller.ts';
import { parseInput } from '../errors/parse-input.ts';
import type { AdminResources } from '../resources.ts';
import { visibleKeys } from './key-rights.ts';
import { toKeyHash } from './key-secret.ts';
import { shownKeys } from './key-spend.ts';
import { keyRowView } from './key-view.ts';

const MAX_PAGE_SIZE = 100;

const EXPANSIONS = ['user', 'team'] as const;
const expand = z
  .union([z.string(), z.array(z.string())])
  .transform((value) => (Array.isArray(value) ? value : value.split(',')).map((one) => one.trim()))
  .pipe(z.array(z.enum(EXPANSIONS, `give ${EXPANSIONS.join(' or ')}`)));

const paging = {
  page: z.coerce.number().int().min(1).max(1_000_000).default(1),
  size: z.coerce.number().int().min(1).max(MAX_PAGE_SIZE).default(10),
} as const;

const orders: readonly [KeyOrder, ...KeyOrder[]] = ['created_at', ...KEY_ORDERS];

export const listKeysQuery = z.object({
  ...paging,
  user_id: z.string().optional(),
  team_id: z.string().optional(),
  organization_id: z.string().optional(),
  budget_id: z.string().optional(),
  key_hash: z.string().optional(),
  key_alias: z.string().optional(),
  substring_matching: z.stringbool().default(false).describe('key_alias and user_id may be parts'),
  status: z.enum(KEY_STATUSES).optional(),
  return_full_object: z.stringbool().default(false),
  include_team_keys: z.stringbool().default(false).describe('Also the keys of teams that you administer'),
  include_created_by_keys: z.stringbool().default(false).describe('Also keys that you made for others'),
  expand: expand.optional(),
  sort_by: z.enum(orders).optional(),
  sort_order: z.enum(['asc', 'desc']).default('desc'),
});
type ListQuery = z.infer<typeof listKeysQuery>;

/** `GET /key/list`: hashes, or whole rows with `return_full_object=true` (or `expand`); of keys that the caller may see. */
export async function listKeys(query: unknown, caller: Caller, resources: AdminResources) {
  const asked = parseInput(query, { schema: listKeysQuery, place: 'query' });
  const paged = { page: asked.page, size: asked.size, order: asked.sort_by, ascending: asked.sort_order === 'asc' };
  const { keys, total } = await listVirtualKeys(resources.db, filterOf(asked, caller, resources.now()), paged);
  const full = asked.return_full_object || asked.expand !== undefined;
  return {
    keys: full ? await rowsOf(keys, asked, resources) : keys.map((key) => key.hash),
    total_count: total,
    current_page: asked.page,
    total_pages: Math.ceil(total / asked.size),
  };
}

/** A user sees its own keys; whoever administers something sees its keys when asking for them by name, or for all with `include_team_keys`. */
function filterOf(asked: ListQuery, caller: Caller, now: Date): KeyFilter {
  const whole = !asked.substring_matching;
  return {
    alias: whole ? asked.key_alias : undefined,
    aliasPart: whole ? undefined : asked.key_alias,
    userIds: whole && asked.user_id !== undefined ? [asked.user_id] : undefined,
    userPart: whole ? undefined : asked.user_id,
    teamIds: asked.team_id === undefined ? undefined : [asked.team_id],
    organizationId: asked.organization_id,
    budgetId: asked.budget_id,
    hash: asked.key_hash === undefined ? undefined : toKeyHash(asked.key_hash),
    status: asked.status,
    now,
    visible: visibleTo(asked, caller),
  };
}

function visibleTo(asked: ListQuery, caller: Caller): KeyFilter['visible'] {
  const all = visibleKeys(caller);
  if (all === undefined) return undefined;
  const isSpecific = asked.team_id ?? asked.organization_id ?? asked.user_id ?? asked.key_hash ?? asked.key_alias;
  const own = asked.include_team_keys || isSpecific !== undefined ? all : { hashes: all.hashes, userIds: all.userIds };
  return asked.include_created_by_keys ? { ...own, createdBy: callerName(caller) } : own;
}

async function rowsOf(keys: readonly VirtualKey[], { expand: wanted = [] }: ListQuery, resources: AdminResources) {
  const shown = await shownKeys(keys, resources);
  const users = wanted.includes('user') ? await nameOwners(keys, 'user', resources) : undefined;
  const teams = wanted.includes('team') ? await nameOwners(keys, 'team', resources) : undefined;
  return keys.map((key, index) => ({
    ...keyRowView(key, shown[index]),
    ...(users === undefined ? {} : { user: users.get(key.userId ?? '') ?? null }),
    ...(teams === undefined ? {} : { team: teams.get(key.teamId ?? '') ?? null }),
  }));
}

async function nameOwners(keys: readonly VirtualKey[], kind: 'user' | 'team', { db }: AdminResources) {
  const ids = [...new Set(keys.flatMap((key) => (kind === 'user' ? key.userId : key.teamId) ?? []))];
  const owners = ids.length === 0 ? [] : await findScopes(db, { kind, ids });
  const view = ({ id, alias, email }: (typeof owners)[number]) =>
    kind === 'user' ? { user_id: id, user_alias: alias, user_email: email } : { team_id: id, team_alias: alias };
  return new Map(owners.map((owner) => [owner.id, view(owner)]));
}

export const keyAliasesQuery = z.object({
  ...paging,
  size: z.coerce.number().int().min(1).max(MAX_PAGE_SIZE).default(50),
  search: z.string().min(1).optional().describe('Part of an alias'),
  team_id: z.string().optional(),
});

/** `GET /key/aliases`: the aliases of keys that the caller may see, in their order. */
export async function keyAliases(query: unknown, caller: Caller, { db }: AdminResources) {
  const asked = parseInput(query, { schema: keyAliasesQuery, place: 'query' });
  const filter = {
    aliasPart: asked.search,
    teamIds: asked.team_id === undefined ? undefined : [asked.team_id],
    visible: seesAll(caller) ? undefined : visibleKeys(caller),
  };
  const { aliases, total } = await listKeyAliases(db, filter, { page: asked.page, size: asked.size });
  return { aliases, total_count: total, current_page: asked.page, total_pages: Math.ceil(total / asked.size), size: asked.size };
}
