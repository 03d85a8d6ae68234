import { and, asc, count, desc, eq, gt, ilike, inArray, isNotNull, isNull, lte, or, type SQL, sql } from './drizzle.ts';
import type { Database } from './pool.ts';
import { virtualKeys } from './schema/virtual-keys.ts';
import type { VirtualKey } from './virtual-keys.ts';

/** Every field that is set must match. */
export interface KeyFilter {
  readonly hash?: string | undefined;
  readonly alias?: string | undefined;
  readonly teamIds?: readonly string[] | undefined;
  readonly userIds?: readonly string[] | undefined;
  /** Part of the user's id. */
  readonly userPart?: string | undefined;
  readonly organizationId?: string | undefined;
  readonly budgetId?: string | undefined;
  /** Part of the alias. */
  readonly aliasPart?: string | undefined;
  readonly status?: KeyStatus | undefined;
  /** For `status`. */
  readonly now?: Date | undefined;
  /** Keys that match one of these beside all else: whose keys a caller may see. Absent: all. */
  readonly visible?: KeyVisibility | undefined;
}

export const KEY_STATUSES = ['active', 'blocked', 'expired', 'deleted'] as const;
export type KeyStatus = (typeof KEY_STATUSES)[number];

/** All of it empty: none. */
export interface KeyVisibility {
  readonly hashes?: readonly string[] | undefined;
  readonly userIds?: readonly string[] | undefined;
  readonly teamIds?: readonly string[] | undefined;
  /** Also the keys of these organizations' teams. */
  readonly organizationIds?: readonly string[] | undefined;
  readonly createdBy?: string | undefined;
}

export interface KeyPage {
  readonly keys: readonly VirtualKey[];
  /** Keys that match, on all pages. */
  readonly total: number;
}

const ORDERS = {
  created_at: virtualKeys.createdAt,
  updated_at: virtualKeys.updatedAt,
  expires: virtualKeys.expiresAt,
  key_alias: virtualKeys.alias,
  team_id: virtualKeys.teamId,
  user_id: virtualKeys.userId,
} as const;
export type KeyOrder = keyof typeof ORDERS;
export const KEY_ORDERS = Object.keys(ORDERS) as readonly KeyOrder[];

export interface KeyListOptions {
  /** From 1. */
  readonly page: number;
  readonly size: number;
  /** Newest first unless given. */
  readonly order?: KeyOrder | undefined;
  readonly ascending?: boolean | undefined;
}

/** Keys that are not deleted, unless those are asked for. */
export async function listVirtualKeys(db: Database, filter: KeyFilter, options: KeyListOptions): Promise<KeyPage> {
  const where = matching(filter);
  const column = ORDERS[options.order ?? 'created_at'];
  const direction = options.ascending === true ? asc : desc;
  const keys = await db.orm
    .select()
    .from(virtualKeys)
    .where(where)
    .orderBy(sql`${direction(column)} nulls last`, direction(virtualKeys.hash))
    .limit(options.size)
    .offset((options.page - 1) * options.size);
  const [counted] = await db.orm.select({ total: count() }).from(virtualKeys).where(where);
  return { keys, total: counted?.total ?? 0 };
}

/** Aliases in their order. */
export async function listKeyAliases(
  db: Database,
  filter: KeyFilter,
  options: Pick<KeyListOptions, 'page' | 'size'>,
): Promise<{ readonly aliases: readonly string[]; readonly total: number }> {
  const where = and(matching(filter), isNotNull(virtualKeys.alias));
  const rows = await db.orm
    .select({ alias: virtualKeys.alias })
    .from(virtualKeys)
    .where(where)
    .orderBy(asc(virtualKeys.alias))
    .limit(options.size)
    .offset((options.page - 1) * options.size);
  const [counted] = await db.orm.select({ total: count() }).from(virtualKeys).where(where);
  return { aliases: rows.flatMap(({ alias }) => (alias === null ? [] : [alias])), total: counted?.total ?? 0 };
}

function matching(filter: KeyFilter): SQL | undefined {
  const { hash, alias, aliasPart, teamIds, userIds, userPart, organizationId, budgetId, visible } = filter;
  return and(
    hash === undefined ? undefined : or(eq(virtualKeys.hash, hash), eq(virtualKeys.secretHash, hash)),
    alias === undefined ? undefined : eq(virtualKeys.alias, alias),
    aliasPart === undefined ? undefined : ilike(virtualKeys.alias, partOf(aliasPart)),
    userIds === undefined ? undefined : inArray(virtualKeys.userId, [...userIds]),
    userPart === undefined ? undefined : ilike(virtualKeys.userId, partOf(userPart)),
    teamIds === undefined ? undefined : inArray(virtualKeys.teamId, [...teamIds]),
    organizationId === undefined ? undefined : eq(virtualKeys.organizationId, organizationId),
    budgetId === undefined ? undefined : eq(virtualKeys.budgetId, budgetId),
    inStatus(filter),
    visible === undefined ? undefined : visibleKeys(visible),
  );
}

/** What a person types is text, whatever `like` reads into it. */
function partOf(text: string): string {
  return `%${text.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`;
}

function inStatus({ status, now = new Date() }: KeyFilter): SQL | undefined {
  const { blocked, deletedAt, expiresAt } = virtualKeys;
  const live = isNull(deletedAt);
  switch (status) {
    case undefined:
      return live;
    case 'deleted':
      return isNotNull(deletedAt);
    case 'blocked':
      return and(live, eq(blocked, true));
    case 'expired':
      return and(live, lte(expiresAt, now));
    case 'active':
      return and(live, eq(blocked, false), or(isNull(expiresAt), gt(expiresAt, now)));
  }
}

function visibleKeys({ hashes = [], userIds = [], teamIds = [], organizationIds = [], createdBy }: KeyVisibility): SQL {
  const own = [
    hashes.length > 0 ? inArray(virtualKeys.hash, [...hashes]) : undefined,
    userIds.length > 0 ? inArray(virtualKeys.userId, [...userIds]) : undefined,
    teamIds.length > 0 ? inArray(virtualKeys.teamId, [...teamIds]) : undefined,
    organizationIds.length > 0 ? inArray(virtualKeys.organizationId, [...organizationIds]) : undefined,
    organizationIds.length > 0 ? inArray(virtualKeys.teamId, teamsOf(organizationIds)) : undefined,
    createdBy === undefined ? undefined : eq(virtualKeys.createdBy, createdBy),
  ];
  return or(...own) ?? sql`false`;
}

function teamsOf(organizationIds: readonly string[]): SQL {
  return sql`(select id from scopes where kind = 'team' and organization_id = any(${sql.param(organizationIds)}::text[]))`;
}
