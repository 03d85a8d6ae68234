import { violatedUnique } from './database-error.ts';
import { and, eq, inArray, isNull, lte, or, sql } from './drizzle.ts';
import type { Database } from './pool.ts';
import { virtualKeys } from './schema/virtual-keys.ts';

/** A row of `virtual_keys`. Never the key itself. */
export type VirtualKey = Readonly<typeof virtualKeys.$inferSelect>;

/** Fields that its owner decides about, now or later. */
export type KeySettings = Readonly<
  Pick<
    VirtualKey,
    | 'alias'
    | 'teamId'
    | 'userId'
    | 'organizationId'
    | 'models'
    | 'aliases'
    | 'metadata'
    | 'tags'
    | 'expiresAt'
    | 'blocked'
    | 'keyType'
    | 'allowedRoutes'
    | 'enforcedParams'
    | 'budgetFallbacks'
    | 'limitFields'
    | 'limits'
    | 'budgetId'
    | 'autoRotate'
    | 'rotationInterval'
    | 'rotateAt'
  >
>;

export type NewVirtualKey = Readonly<Pick<VirtualKey, 'hash' | 'masked' | 'createdBy'>> & Partial<KeySettings>;

/** What is changed of a key: its settings, and what rotating it or resetting its spend does. */
export type KeyChange = Partial<
  KeySettings &
    Pick<
      VirtualKey,
      | 'masked'
      | 'secretHash'
      | 'previousSecretHash'
      | 'previousSecretUntil'
      | 'retiredSecrets'
      | 'rotatedAt'
      | 'rotationCount'
      | 'spendSince'
      | 'spendCarriedUsd'
    >
>;

export type CreateKeyResult =
  | { readonly kind: 'created'; readonly key: VirtualKey }
  | { readonly kind: 'alias-taken' }
  | { readonly kind: 'key-taken' };

const nextRevision = sql`${virtualKeys.revision} + 1`;

/** Stores a key. The same key may be made again after it was deleted: with nothing of what it was before. */
export async function createVirtualKey(db: Database, key: NewVirtualKey): Promise<CreateKeyResult> {
  const row = { ...NOTHING_SET, ...key, updatedBy: key.createdBy };
  const renewed = { ...row, createdAt: sql`now()`, updatedAt: sql`now()`, deletedAt: null, revision: nextRevision };
  try {
    // a transaction of its own, or a savepoint of the one it is in: an alias that is taken must not spoil that
    const [created] = await db.orm.transaction((tx) =>
      tx
        .insert(virtualKeys)
        .values(row)
        .onConflictDoUpdate({ target: virtualKeys.hash, set: renewed, setWhere: sql`${virtualKeys.deletedAt} is not null` })
        .returning(),
    );
    return created === undefined ? { kind: 'key-taken' } : { kind: 'created', key: created };
  } catch (error) {
    if (violatedUnique(error) === 'virtual_keys_alias') return { kind: 'alias-taken' };
    throw error;
  }
}

const NOTHING_SET = {
  alias: null,
  teamId: null,
  userId: null,
  organizationId: null,
  models: [],
  aliases: {},
  metadata: {},
  tags: [],
  expiresAt: null,
  blocked: false,
  keyType: 'default',
  allowedRoutes: [],
  enforcedParams: [],
  budgetFallbacks: {},
  limitFields: {},
  limits: null,
  budgetId: null,
  spendSince: null,
  spendCarriedUsd: null,
  secretHash: null,
  previousSecretHash: null,
  previousSecretUntil: null,
  retiredSecrets: [],
  autoRotate: false,
  rotationInterval: null,
  rotateAt: null,
  rotatedAt: null,
  rotationCount: 0,
} satisfies KeyChange;

/** The key of this name, deleted ones included (`deletedAt` says so): by the hash of the secret it was made with, or of one it has had since. */
export async function findVirtualKey(db: Database, hash: string): Promise<VirtualKey | undefined> {
  return (await findKeyBySecret(db, hash))?.key;
}

export interface KeyBySecret {
  readonly key: VirtualKey;
  /** Set for a secret that was replaced: until when it works. */
  readonly secretUntil: Date | undefined;
}

/** The key with a secret of this hash. A key's own name counts as a secret that is over once it was rotated. */
export async function findKeyBySecret(db: Database, hash: string): Promise<KeyBySecret | undefined> {
  const { secretHash, previousSecretHash } = virtualKeys;
  const [key] = await db.orm
    .select()
    .from(virtualKeys)
    .where(or(eq(virtualKeys.hash, hash), eq(secretHash, hash), eq(previousSecretHash, hash)))
    .orderBy(sql`${virtualKeys.deletedAt} nulls first`)
    .limit(1);
  return key && { key, secretUntil: endOfSecret(key, hash) };
}

/** Until when the secret of this hash works; undefined: as long as the key does. */
export function endOfSecret(key: VirtualKey, hash: string): Date | undefined {
  if (hash === (key.secretHash ?? key.hash)) return undefined;
  return hash === key.previousSecretHash && key.previousSecretUntil !== null ? key.previousSecretUntil : new Date(0);
}

/** The keys with these aliases, without deleted ones, in no order. */
export function findVirtualKeysByAlias(db: Database, aliases: readonly string[]): Promise<VirtualKey[]> {
  return db.orm
    .select()
    .from(virtualKeys)
    .where(and(inArray(virtualKeys.alias, [...aliases]), isNull(virtualKeys.deletedAt)));
}

/** Whether a secret of this hash was ever given to a key that still is. */
export async function isSecretTaken(db: Database, hash: string): Promise<boolean> {
  const found = await findKeyBySecret(db, hash);
  return found !== undefined && found.key.deletedAt === null;
}

export type ChangeKeyResult =
  | { readonly kind: 'changed'; readonly before: VirtualKey; readonly after: VirtualKey }
  | { readonly kind: 'not-found' }
  | { readonly kind: 'alias-taken' };

/**
 * Changes a key to what `change` makes of it; whatever that throws leaves it as it is. One change of a key at a time: each sees what the one
 * before has left. Deleted keys are not found.
 */
export async function changeVirtualKey(
  db: Database,
  hash: string,
  options: { readonly by: string; readonly change: (key: VirtualKey, inside: Database) => KeyChange | Promise<KeyChange> },
): Promise<ChangeKeyResult> {
  try {
    return await db.orm.transaction(async (tx): Promise<ChangeKeyResult> => {
      const live = and(eq(virtualKeys.hash, hash), isNull(virtualKeys.deletedAt));
      const [before] = await tx.select().from(virtualKeys).where(live).for('update');
      if (before === undefined) return { kind: 'not-found' };
      const set = {
        ...(await options.change(before, { ...db, orm: tx })),
        updatedBy: options.by,
        updatedAt: sql`now()`,
        revision: nextRevision,
      };
      const [after] = await tx.update(virtualKeys).set(set).where(live).returning();
      return after === undefined ? { kind: 'not-found' } : { kind: 'changed', before, after };
    });
  } catch (error) {
    if (violatedUnique(error) === 'virtual_keys_alias') return { kind: 'alias-taken' };
    throw error;
  }
}

/** Deletes all of these keys or, when one is missing, none. Resolves with the hashes that are missing. */
export function deleteVirtualKeys(db: Database, hashes: readonly string[], options: { readonly by: string }): Promise<string[]> {
  return db.orm.transaction(async (tx) => {
    const live = and(inArray(virtualKeys.hash, [...hashes]), isNull(virtualKeys.deletedAt));
    const found = await tx.select({ hash: virtualKeys.hash }).from(virtualKeys).where(live).orderBy(virtualKeys.hash).for('update');
    const missing = hashes.filter((hash) => !found.some((row) => row.hash === hash));
    if (missing.length > 0) return missing;
    await tx.update(virtualKeys).set(deletion(options.by)).where(live);
    return [];
  });
}

function deletion(by: string) {
  return { deletedAt: sql`now()`, updatedAt: sql`now()`, updatedBy: by, revision: nextRevision };
}

/** Keys whose secret is due to be replaced, longest due first. */
export async function keysToRotate(db: Database, options: { readonly now: Date; readonly limit: number }): Promise<VirtualKey[]> {
  return db.orm
    .select()
    .from(virtualKeys)
    .where(and(lte(virtualKeys.rotateAt, options.now), isNull(virtualKeys.deletedAt), eq(virtualKeys.autoRotate, true)))
    .orderBy(virtualKeys.rotateAt, virtualKeys.hash)
    .limit(options.limit);
}

/** The keys that have this shared budget, deleted ones not among them, in the order of their hashes. */
export function keysWithBudget(db: Database, budgetId: string): Promise<VirtualKey[]> {
  return db.orm
    .select()
    .from(virtualKeys)
    .where(and(eq(virtualKeys.budgetId, budgetId), isNull(virtualKeys.deletedAt)))
    .orderBy(virtualKeys.hash);
}

/** How people know keys, by hash; deleted ones keep their names. */
export async function namesOfKeys(
  db: Database,
  hashes: readonly string[],
): Promise<ReadonlyMap<string, Pick<VirtualKey, 'alias' | 'masked' | 'teamId'>>> {
  if (hashes.length === 0) return new Map();
  const { hash, alias, masked, teamId } = virtualKeys;
  const rows = await db.orm
    .select({ hash, alias, masked, teamId })
    .from(virtualKeys)
    .where(inArray(hash, [...hashes]));
  return new Map(rows.map((row) => [row.hash, row]));
}
