import { and, asc, eq, isNull, sql } from './drizzle.ts';
import type { Database } from './pool.ts';
import { credentials } from './schema/models.ts';

/** A row of `credentials`. Its secrets are sealed. */
export type StoredCredential = Readonly<typeof credentials.$inferSelect>;
export type NewCredential = Pick<StoredCredential, 'name' | 'values' | 'info' | 'createdBy'>;

const nextRevision = sql`${credentials.revision} + 1`;
const live = (name: string) => and(eq(credentials.name, name), isNull(credentials.deletedAt));

/** Undefined when there is one of this name. The name of a deleted one is free. */
export async function createCredential(db: Database, credential: NewCredential): Promise<StoredCredential | undefined> {
  const row = { ...credential, updatedBy: credential.createdBy };
  const renewed = { ...row, createdAt: sql`now()`, updatedAt: sql`now()`, deletedAt: null, revision: nextRevision };
  const [created] = await db.orm
    .insert(credentials)
    .values(row)
    .onConflictDoUpdate({ target: credentials.name, set: renewed, setWhere: sql`${credentials.deletedAt} is not null` })
    .returning();
  return created;
}

export async function findCredential(db: Database, name: string): Promise<StoredCredential | undefined> {
  const [found] = await db.orm.select().from(credentials).where(live(name));
  return found;
}

/** The same, and nobody else changes it until the transaction ends. */
export async function lockCredential(inside: Database, name: string): Promise<StoredCredential | undefined> {
  const [found] = await inside.orm.select().from(credentials).where(live(name)).for('update');
  return found;
}

export function listCredentials(db: Database): Promise<StoredCredential[]> {
  return db.orm.select().from(credentials).where(isNull(credentials.deletedAt)).orderBy(asc(credentials.name));
}

/** Of one that was locked in this transaction. */
export async function updateCredential(
  inside: Database,
  name: string,
  change: Partial<Pick<StoredCredential, 'values' | 'info'>>,
  options: { readonly by: string },
): Promise<StoredCredential | undefined> {
  const set = { ...change, updatedBy: options.by, updatedAt: sql`now()`, revision: nextRevision };
  const [after] = await inside.orm.update(credentials).set(set).where(live(name)).returning();
  return after;
}

/** Nothing of its secrets is kept, not even sealed. */
export async function deleteCredential(inside: Database, name: string, options: { readonly by: string }): Promise<void> {
  const gone = { deletedAt: sql`now()`, updatedAt: sql`now()`, updatedBy: options.by, values: {}, revision: nextRevision };
  await inside.orm.update(credentials).set(gone).where(live(name));
}
