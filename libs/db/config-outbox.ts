import { eq, isNull, sql } from './drizzle.ts';
import type { StoredModel, StoredSettingsRow } from './models.ts';
import type { Database } from './pool.ts';
import { configSettings, models } from './schema/models.ts';

/** What of the stored configuration is meant. */
export type StoredName = { readonly kind: 'model'; readonly id: string } | { readonly kind: 'settings'; readonly section: string };

/** How it is now; a model that was deleted, or never was, is undefined. */
export type StoredState =
  | { readonly kind: 'model'; readonly id: string; readonly model: StoredModel | undefined }
  | { readonly kind: 'settings'; readonly section: string; readonly settings: StoredSettingsRow | undefined };

/**
 * Brings one model or section as it is now to a place outside the database, as `publishVirtualKey` does with keys: one sender per name at a time,
 * and what could not be sent stays in the outbox. Rejects with what `send` rejected with.
 */
export async function publishStored(db: Database, name: StoredName, send: (state: StoredState) => Promise<void>): Promise<void> {
  await db.orm.transaction(async (tx) => {
    const lock = name.kind === 'model' ? `model ${name.id}` : `settings ${name.section}`;
    await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${lock}, 0))`);
    if (name.kind === 'model') {
      const [model] = await tx.select().from(models).where(eq(models.id, name.id));
      await send({ ...name, model: model?.deletedAt === null ? model : undefined });
      if (model) await tx.update(models).set({ publishedRevision: model.revision }).where(eq(models.id, name.id));
      return;
    }
    const [settings] = await tx.select().from(configSettings).where(eq(configSettings.section, name.section));
    await send({ ...name, settings });
    if (!settings) return;
    await tx.update(configSettings).set({ publishedRevision: settings.revision }).where(eq(configSettings.section, name.section));
  });
}

/** Whose last change was not published yet. */
export async function unpublishedStored(db: Database): Promise<StoredName[]> {
  const ids = await db.orm
    .select({ id: models.id })
    .from(models)
    .where(sql`${models.revision} <> ${models.publishedRevision}`);
  const sections = await db.orm
    .select({ section: configSettings.section })
    .from(configSettings)
    .where(sql`${configSettings.revision} <> ${configSettings.publishedRevision}`);
  return [
    ...ids.map(({ id }) => ({ kind: 'model' as const, id })),
    ...sections.map(({ section }) => ({ kind: 'settings' as const, section })),
  ];
}

/** Puts everything back into the outbox, for a bucket that was lost. */
export async function unpublishStored(db: Database): Promise<void> {
  await db.orm.update(models).set({ publishedRevision: 0 }).where(isNull(models.deletedAt));
  await db.orm.update(configSettings).set({ publishedRevision: 0 });
}
