import type { Scope, ScopeKind } from '#contracts';
import { and, asc, count, desc, eq, inArray, isNull, or, type SQL, sql } from './drizzle.ts';
import { violatedUnique } from './database-error.ts';
import type { Database } from './pool.ts';
import { scopes } from './schema/scopes.ts';

/** A row of `scopes`. */
export type StoredScope = Readonly<Omit<typeof scopes.$inferSelect, 'kind'>> & { readonly kind: ScopeKind };

/** What is set when one is made; everything else has its default. */
export type NewScope = Readonly<Partial<Omit<typeof scopes.$inferInsert, keyof Bookkeeping | 'kind'>>> & {
  readonly kind: ScopeKind;
  readonly id: string;
};

interface Bookkeeping {
  createdAt: never;
  createdBy: never;
  updatedAt: never;
  updatedBy: never;
  deletedAt: never;
  revision: never;
  publishedRevision: never;
}

/** What can be changed of one. */
export type ScopeChange = Omit<NewScope, 'kind' | 'id' | 'teamId' | 'userId'>;

export type CreateScopeResult =
  | { readonly kind: 'created'; readonly scope: StoredScope }
  | { readonly kind: 'id-taken' }
  | { readonly kind: 'email-taken' };

const nextRevision = sql`${scopes.revision} + 1`;
const touchedBy = (by: string) => ({ updatedBy: by, updatedAt: sql`now()`, revision: nextRevision });

/** Stores one. The id of a deleted one is free. */
export async function createScope(db: Database, scope: NewScope, options: { readonly by: string }): Promise<CreateScopeResult> {
  const row = { ...EMPTY, ...scope, createdBy: options.by, updatedBy: options.by };
  const renewed = { ...row, createdAt: sql`now()`, updatedAt: sql`now()`, deletedAt: null, revision: nextRevision };
  try {
    // a transaction of its own, or a savepoint of the one it is in: a taken address must not spoil that
    const [created] = await db.orm.transaction((tx) =>
      tx
        .insert(scopes)
        .values(row)
        .onConflictDoUpdate({ target: [scopes.kind, scopes.id], set: renewed, setWhere: sql`${scopes.deletedAt} is not null` })
        .returning(),
    );
    return created === undefined ? { kind: 'id-taken' } : { kind: 'created', scope: toScope(created) };
  } catch (error) {
    if (violatedUnique(error) === 'scopes_email') return { kind: 'email-taken' };
    throw error;
  }
}

const EMPTY = {
  alias: null,
  role: null,
  email: null,
  organizationId: null,
  teamId: null,
  userId: null,
  budgetId: null,
  blocked: false,
  models: [],
  aliases: {},
  tags: [],
  metadata: {},
  fields: {},
  details: {},
  limits: null,
};

export async function findScope(db: Database, { kind, id }: Scope): Promise<StoredScope | undefined> {
  const [row] = await db.orm
    .select()
    .from(scopes)
    .where(and(eq(scopes.kind, kind), eq(scopes.id, id), isNull(scopes.deletedAt)));
  return row && toScope(row);
}

/** The same, and nobody deletes or changes it until the transaction ends: for what is about to belong to it. */
export async function holdScope(inside: Database, { kind, id }: Scope): Promise<StoredScope | undefined> {
  const live = and(eq(scopes.kind, kind), eq(scopes.id, id), isNull(scopes.deletedAt));
  const [row] = await inside.orm.select().from(scopes).where(live).for('share');
  return row && toScope(row);
}

export interface ScopeFilter {
  readonly kind: ScopeKind;
  readonly ids?: readonly string[] | undefined;
  readonly teamIds?: readonly string[] | undefined;
  readonly userIds?: readonly string[] | undefined;
  readonly organizationIds?: readonly string[] | undefined;
  readonly budgetId?: string | undefined;
  readonly roles?: readonly string[] | undefined;
  readonly alias?: string | undefined;
  readonly email?: string | undefined;
  /** Part of id, alias or e-mail address, in any case. */
  readonly search?: string | undefined;
}

/** Those that are not deleted, by the time they were made. For lists that are bounded by what they are asked for. */
export async function findScopes(db: Database, filter: ScopeFilter): Promise<StoredScope[]> {
  const rows = await db.orm.select().from(scopes).where(matching(filter)).orderBy(asc(scopes.createdAt), asc(scopes.id));
  return rows.map(toScope);
}

/** The same rows, locked until the transaction ends. In the order of their ids, so that two who lock several don't wait for each other. */
export async function lockScopes(inside: Database, filter: ScopeFilter): Promise<StoredScope[]> {
  const rows = await inside.orm.select().from(scopes).where(matching(filter)).orderBy(asc(scopes.id)).for('update');
  return rows.map(toScope);
}

export interface ScopePage {
  readonly scopes: readonly StoredScope[];
  /** Those that match, on all pages. */
  readonly total: number;
}

export interface ScopePaging {
  /** From 1. */
  readonly page: number;
  readonly size: number;
  readonly sortBy?: 'createdAt' | 'id' | 'alias' | 'email' | undefined;
  readonly oldestFirst?: boolean | undefined;
}

export async function pageOfScopes(db: Database, filter: ScopeFilter, options: ScopePaging): Promise<ScopePage> {
  const where = matching(filter);
  const order = options.oldestFirst === true ? asc : desc;
  const rows = await db.orm
    .select()
    .from(scopes)
    .where(where)
    .orderBy(order(scopes[options.sortBy ?? 'createdAt']), order(scopes.id))
    .limit(options.size)
    .offset((options.page - 1) * options.size);
  const [counted] = await db.orm.select({ total: count() }).from(scopes).where(where);
  return { scopes: rows.map(toScope), total: counted?.total ?? 0 };
}

function matching(filter: ScopeFilter): SQL | undefined {
  const { ids, teamIds, userIds, organizationIds, roles, budgetId, alias, email, search } = filter;
  const pattern = search === undefined ? undefined : `%${search.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`;
  return and(
    eq(scopes.kind, filter.kind),
    isNull(scopes.deletedAt),
    ids && inArray(scopes.id, [...ids]),
    teamIds && inArray(scopes.teamId, [...teamIds]),
    userIds && inArray(scopes.userId, [...userIds]),
    organizationIds && inArray(scopes.organizationId, [...organizationIds]),
    roles && inArray(scopes.role, [...roles]),
    budgetId === undefined ? undefined : eq(scopes.budgetId, budgetId),
    alias === undefined ? undefined : eq(scopes.alias, alias),
    email === undefined ? undefined : eq(sql`lower(${scopes.email})`, email.toLowerCase()),
    pattern === undefined
      ? undefined
      : or(sql`${scopes.id} ilike ${pattern}`, sql`${scopes.alias} ilike ${pattern}`, sql`${scopes.email} ilike ${pattern}`),
  );
}

/** Undefined when there is none, or its new e-mail address is another's (`email-taken`). */
export async function updateScope(
  inside: Database,
  { kind, id }: Scope,
  change: ScopeChange,
  options: { readonly by: string },
): Promise<StoredScope | 'email-taken' | undefined> {
  try {
    const [row] = await inside.orm.transaction((tx) =>
      tx
        .update(scopes)
        .set({ ...change, ...touchedBy(options.by) })
        .where(and(eq(scopes.kind, kind), eq(scopes.id, id), isNull(scopes.deletedAt)))
        .returning(),
    );
    return row && toScope(row);
  } catch (error) {
    if (violatedUnique(error) === 'scopes_email') return 'email-taken';
    throw error;
  }
}

/** Deletes what matches and is not deleted yet; resolves with what that was. */
export async function deleteScopes(inside: Database, filter: ScopeFilter, options: { readonly by: string }): Promise<StoredScope[]> {
  const rows = await inside.orm
    .update(scopes)
    // an address that is deleted with its user is free, and so is the shared budget
    .set({ deletedAt: sql`now()`, email: null, budgetId: null, ...touchedBy(options.by) })
    .where(matching(filter))
    .returning();
  return rows.map(toScope);
}

/** Every one that is not deleted and uses this shared budget, locked. */
export async function lockScopesOfBudget(inside: Database, budgetId: string): Promise<StoredScope[]> {
  const rows = await inside.orm
    .select()
    .from(scopes)
    .where(and(eq(scopes.budgetId, budgetId), isNull(scopes.deletedAt)))
    .orderBy(asc(scopes.kind), asc(scopes.id))
    .for('update');
  return rows.map(toScope);
}

/** `kind` is one of ours: nothing else writes the table. */
export function toScope(row: typeof scopes.$inferSelect): StoredScope {
  return row as StoredScope;
}
