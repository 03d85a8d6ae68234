import { violatedUnique } from './database-error.ts';
import { and, asc, count, desc, eq, inArray, isNull, type SQL, sql } from './drizzle.ts';
import type { Database } from './pool.ts';
import { virtualKeys } from './schema/virtual-keys.ts';

/** A row of `virtual_keys`. Never the key itself. */
export type VirtualKey = Readonly<typeof virtualKeys.$inferSelect>;

/** What a caller may set on a new key. */
export type NewVirtualKey = Readonly<
  Pick<
    typeof virtualKeys.$inferInsert,
    'hash' | 'masked' | 'alias' | 'teamId' | 'userId' | 'models' | 'aliases' | 'metadata' | 'tags' | 'expiresAt' | 'blocked' | 'createdBy'
  >
>;

export type CreateKeyResult =
  | { readonly kind: 'created'; readonly key: VirtualKey }
  | { readonly kind: 'alias-taken' }
  | { readonly kind: 'key-taken' };

/** Stores a key. The same key may be made again after it was deleted. */
export async function createVirtualKey(db: Database, key: NewVirtualKey): Promise<CreateKeyResult> {
  const row = {
    alias: null,
    teamId: null,
    userId: null,
    models: [],
    aliases: {},
    metadata: {},
    tags: [],
    expiresAt: null,
    blocked: false,
    ...key,
  };
  const renewed = {
    ...row,
    createdAt: sql`now()`,
    updatedAt: sql`now()`,
    updatedBy: key.createdBy,
    deletedAt: null,
    revision: nextRevision,
  };
  try {
    const [created] = await db.orm
      .insert(virtualKeys)
      .values({ ...row, updatedBy: key.createdBy })
      .onConflictDoUpdate({ target: virtualKeys.hash, set: renewed, setWhere: sql`${virtualKeys.deletedAt} is not null` })
      .returning();
    return created === undefined ? { kind: 'key-taken' } : { kind: 'created', key: created };
  } catch (error) {
    if (violatedUnique(error) === 'virtual_keys_alias') return { kind: 'alias-taken' };
    throw error;
  }
}

/** The key with this hash, deleted ones included (`deletedAt` says so). */
export async function findVirtualKey(db: Database, hash: string): Promise<VirtualKey | undefined> {
  const [key] = await db.orm.select().from(virtualKeys).where(eq(virtualKeys.hash, hash));
  return key;
}

/** The keys with these aliases, without deleted ones, in no order. */
export function findVirtualKeysByAlias(db: Database, aliases: readonly string[]): Promise<VirtualKey[]> {
  return db.orm
    .select()
    .from(virtualKeys)
    .where(and(inArray(virtualKeys.alias, [...aliases]), isNull(virtualKeys.deletedAt)));
}

export interface KeyFilter {
  readonly hash?: string | undefined;
  readonly alias?: string | undefined;
  readonly teamId?: string | undefined;
  readonly userId?: string | undefined;
}

export interface KeyPage {
  readonly keys: readonly VirtualKey[];
  /** Keys that match, on all pages. */
  readonly total: number;
}

/** Keys that are not deleted, by the time they were made. `page` counts from 1. */
export async function listVirtualKeys(
  db: Database,
  filter: KeyFilter,
  options: { readonly page: number; readonly size: number; readonly oldestFirst: boolean },
): Promise<KeyPage> {
  const where = matching(filter);
  const order = options.oldestFirst ? asc : desc;
  const keys = await db.orm
    .select()
    .from(virtualKeys)
    .where(where)
    .orderBy(order(virtualKeys.createdAt), order(virtualKeys.hash))
    .limit(options.size)
    .offset((options.page - 1) * options.size);
  const [counted] = await db.orm.select({ total: count() }).from(virtualKeys).where(where);
  return { keys, total: counted?.total ?? 0 };
}

function matching(filter: KeyFilter): SQL | undefined {
  return and(
    isNull(virtualKeys.deletedAt),
    filter.hash === undefined ? undefined : eq(virtualKeys.hash, filter.hash),
    filter.alias === undefined ? undefined : eq(virtualKeys.alias, filter.alias),
    filter.teamId === undefined ? undefined : eq(virtualKeys.teamId, filter.teamId),
    filter.userId === undefined ? undefined : eq(virtualKeys.userId, filter.userId),
  );
}

/** Blocks or unblocks; `undefined` when there is no such key. Setting what is set already counts as a change and is published again. */
export async function setVirtualKeyBlocked(
  db: Database,
  hash: string,
  change: { readonly blocked: boolean; readonly by: string },
): Promise<VirtualKey | undefined> {
  const [key] = await db.orm
    .update(virtualKeys)
    .set({ blocked: change.blocked, updatedBy: change.by, updatedAt: sql`now()`, revision: nextRevision })
    .where(and(eq(virtualKeys.hash, hash), isNull(virtualKeys.deletedAt)))
    .returning();
  return key;
}

/** Deletes all of these keys or, when one is missing, none. Resolves with the hashes that are missing. */
export function deleteVirtualKeys(db: Database, hashes: readonly string[], options: { readonly by: string }): Promise<string[]> {
  return db.orm.transaction(async (tx) => {
    const live = and(inArray(virtualKeys.hash, [...hashes]), isNull(virtualKeys.deletedAt));
    const found = await tx.select({ hash: virtualKeys.hash }).from(virtualKeys).where(live).orderBy(virtualKeys.hash).for('update');
    const missing = hashes.filter((hash) => !found.some((row) => row.hash === hash));
    if (missing.length > 0) return missing;
    await tx
      .update(virtualKeys)
      .set({ deletedAt: sql`now()`, updatedAt: sql`now()`, updatedBy: options.by, revision: nextRevision })
      .where(live);
    return [];
  });
}

const nextRevision = sql`${virtualKeys.revision} + 1`;
