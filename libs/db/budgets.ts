import { asc, eq, inArray, sql } from './drizzle.ts';
import type { Database } from './pool.ts';
import { budgets } from './schema/budgets.ts';

/** A row of `budgets`. */
export type StoredBudget = Readonly<typeof budgets.$inferSelect>;

export type NewBudget = Readonly<Pick<StoredBudget, 'id' | 'fields'>>;

/** Undefined when there is one of this id. */
export async function createBudget(db: Database, budget: NewBudget, options: { readonly by: string }): Promise<StoredBudget | undefined> {
  const row = { ...budget, createdBy: options.by, updatedBy: options.by };
  const [created] = await db.orm.insert(budgets).values(row).onConflictDoNothing().returning();
  return created;
}

export async function findBudgets(db: Database, ids: readonly string[]): Promise<StoredBudget[]> {
  if (ids.length === 0) return [];
  return db.orm
    .select()
    .from(budgets)
    .where(inArray(budgets.id, [...new Set(ids)]));
}

/**
 * One budget that stays as it is until the transaction ends: whoever begins to use it, and works out its windows, does not miss a change of it.
 */
export async function lockBudget(inside: Database, id: string, strength: 'share' | 'update'): Promise<StoredBudget | undefined> {
  const [budget] = await inside.orm.select().from(budgets).where(eq(budgets.id, id)).for(strength);
  return budget;
}

export function listBudgets(db: Database): Promise<StoredBudget[]> {
  return db.orm.select().from(budgets).orderBy(asc(budgets.createdAt), asc(budgets.id));
}

export async function updateBudget(
  inside: Database,
  id: string,
  change: Pick<NewBudget, 'fields'>,
  options: { readonly by: string },
): Promise<StoredBudget | undefined> {
  const set = { ...change, updatedBy: options.by, updatedAt: sql`now()` };
  const [budget] = await inside.orm.update(budgets).set(set).where(eq(budgets.id, id)).returning();
  return budget;
}

export async function deleteBudget(inside: Database, id: string): Promise<boolean> {
  const deleted = await inside.orm.delete(budgets).where(eq(budgets.id, id)).returning({ id: budgets.id });
  return deleted.length > 0;
}
