import { and, asc, eq, isNull, sql } from './drizzle.ts';
import type { Database } from './pool.ts';
import { configSettings, models } from './schema/models.ts';

/** A row of `models`. Its secrets are sealed. */
export type StoredModel = Readonly<typeof models.$inferSelect>;

/** What is set when a model is made. */
export type NewStoredModel = Readonly<
  Pick<typeof models.$inferInsert, 'id' | 'modelName' | 'litellmParams' | 'modelInfo' | 'teamId' | 'createdBy'>
>;

export type StoredModelChange = Readonly<Partial<Pick<StoredModel, 'modelName' | 'litellmParams' | 'modelInfo' | 'teamId' | 'blocked'>>>;

const nextRevision = sql`${models.revision} + 1`;

/** Stores a model; undefined when there is one of this id. The id of a deleted one is free. */
export async function createStoredModel(db: Database, model: NewStoredModel): Promise<StoredModel | undefined> {
  const row = { ...model, teamId: model.teamId ?? null, blocked: false, updatedBy: model.createdBy };
  const renewed = { ...row, createdAt: sql`now()`, updatedAt: sql`now()`, deletedAt: null, revision: nextRevision };
  const [created] = await db.orm
    .insert(models)
    .values(row)
    .onConflictDoUpdate({ target: models.id, set: renewed, setWhere: sql`${models.deletedAt} is not null` })
    .returning();
  return created;
}

export async function findStoredModel(db: Database, id: string): Promise<StoredModel | undefined> {
  const [model] = await db.orm
    .select()
    .from(models)
    .where(and(eq(models.id, id), isNull(models.deletedAt)));
  return model;
}

export function listStoredModels(db: Database): Promise<StoredModel[]> {
  return db.orm.select().from(models).where(isNull(models.deletedAt)).orderBy(asc(models.createdAt), asc(models.id));
}

/**
 * Changes a model to what `change` makes of it; whatever that throws leaves it as it is. Undefined when there is none. One change of a
 * model at a time: `change` sees what the one before it has left.
 */
export function changeStoredModel(
  db: Database,
  id: string,
  options: { readonly by: string; readonly change: (model: StoredModel) => StoredModelChange },
): Promise<{ readonly before: StoredModel; readonly after: StoredModel } | undefined> {
  return db.orm.transaction(async (tx) => {
    const live = and(eq(models.id, id), isNull(models.deletedAt));
    const [before] = await tx.select().from(models).where(live).for('update');
    if (before === undefined) return undefined;
    const set = { ...options.change(before), updatedBy: options.by, updatedAt: sql`now()`, revision: nextRevision };
    const [after] = await tx.update(models).set(set).where(live).returning();
    return after && { before, after };
  });
}

/** Undefined when there is none of this id. */
export async function deleteStoredModel(db: Database, id: string, options: { readonly by: string }): Promise<StoredModel | undefined> {
  const [deleted] = await db.orm
    .update(models)
    // nothing of its secrets is kept, not even sealed
    .set({ deletedAt: sql`now()`, updatedAt: sql`now()`, updatedBy: options.by, litellmParams: {}, revision: nextRevision })
    .where(and(eq(models.id, id), isNull(models.deletedAt)))
    .returning();
  return deleted;
}

export type StoredSettingsRow = Readonly<typeof configSettings.$inferSelect>;

export function listStoredSettings(db: Database): Promise<StoredSettingsRow[]> {
  return db.orm.select().from(configSettings);
}

/** As `changeStoredModel`, for a section of the settings; one that is not there yet has no values. */
export function changeStoredSettings(
  db: Database,
  section: string,
  options: { readonly by: string; readonly change: (values: Record<string, unknown>) => Record<string, unknown> },
): Promise<{ readonly before: Record<string, unknown>; readonly after: Record<string, unknown> }> {
  return db.orm.transaction(async (tx) => {
    await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${`settings ${section}`}, 0))`);
    const [row] = await tx.select().from(configSettings).where(eq(configSettings.section, section));
    const before = row?.values ?? {};
    const after = options.change(before);
    const set = { values: after, updatedBy: options.by, updatedAt: sql`now()`, revision: sql`${configSettings.revision} + 1` };
    await tx
      .insert(configSettings)
      .values({ section, values: after, updatedBy: options.by })
      .onConflictDoUpdate({ target: configSettings.section, set });
    return { before, after };
  });
}
