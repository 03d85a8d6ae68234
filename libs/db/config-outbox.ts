import { eq, isNull, sql } from './drizzle.ts';
import type { StoredCredential } from './credentials.ts';
import type { StoredModel, StoredSettingsRow } from './models.ts';
import type { Database } from './pool.ts';
import { configSettings, credentials, models } from './schema/models.ts';

/** What of the stored configuration is meant. */
export type StoredName =
  | { readonly kind: 'model'; readonly id: string }
  | { readonly kind: 'settings'; readonly section: string }
  | { readonly kind: 'credential'; readonly name: string };

/** How it is now; a model or credential that was deleted, or never was, is undefined. */
export type StoredState =
  | { readonly kind: 'model'; readonly id: string; readonly model: StoredModel | undefined }
  | { readonly kind: 'settings'; readonly section: string; readonly settings: StoredSettingsRow | undefined }
  | { readonly kind: 'credential'; readonly name: string; readonly credential: StoredCredential | undefined };

/**
 * Brings one entry as it is now to a place outside the database, as `publishVirtualKey` does with keys: one sender per name at a time,
 * and what could not be sent stays in the outbox. Rejects with what `send` rejected with.
 */
export async function publishStored(db: Database, name: StoredName, send: (state: StoredState) => Promise<void>): Promise<void> {
  await db.orm.transaction(async (tx) => {
    await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${nameOfStored(name)}, 0))`);
    const inside = { ...db, orm: tx };
    if (name.kind === 'model') return publishModel(inside, name.id, send);
    if (name.kind === 'credential') return publishCredential(inside, name.name, send);
    return publishSettings(inside, name.section, send);
  });
}

type Send = (state: StoredState) => Promise<void>;

async function publishModel({ orm }: Database, id: string, send: Send): Promise<void> {
  const [model] = await orm.select().from(models).where(eq(models.id, id));
  await send({ kind: 'model', id, model: model?.deletedAt === null ? model : undefined });
  if (model) await orm.update(models).set({ publishedRevision: model.revision }).where(eq(models.id, id));
}

async function publishCredential({ orm }: Database, name: string, send: Send): Promise<void> {
  const [found] = await orm.select().from(credentials).where(eq(credentials.name, name));
  await send({ kind: 'credential', name, credential: found?.deletedAt === null ? found : undefined });
  if (found) await orm.update(credentials).set({ publishedRevision: found.revision }).where(eq(credentials.name, name));
}

async function publishSettings({ orm }: Database, section: string, send: Send): Promise<void> {
  const [settings] = await orm.select().from(configSettings).where(eq(configSettings.section, section));
  await send({ kind: 'settings', section, settings });
  if (settings) await orm.update(configSettings).set({ publishedRevision: settings.revision }).where(eq(configSettings.section, section));
}

/** For logs and locks. */
export function nameOfStored(name: StoredName): string {
  switch (name.kind) {
    case 'model':
      return `model ${name.id}`;
    case 'credential':
      return `credential ${name.name}`;
    case 'settings':
      return `settings ${name.section}`;
  }
}

/** Whose last change was not published yet; credentials before the models that name them. */
export async function unpublishedStored(db: Database): Promise<StoredName[]> {
  const names = await db.orm
    .select({ name: credentials.name })
    .from(credentials)
    .where(sql`${credentials.revision} <> ${credentials.publishedRevision}`);
  const ids = await db.orm
    .select({ id: models.id })
    .from(models)
    .where(sql`${models.revision} <> ${models.publishedRevision}`);
  const sections = await db.orm
    .select({ section: configSettings.section })
    .from(configSettings)
    .where(sql`${configSettings.revision} <> ${configSettings.publishedRevision}`);
  return [
    ...names.map(({ name }) => ({ kind: 'credential' as const, name })),
    ...ids.map(({ id }) => ({ kind: 'model' as const, id })),
    ...sections.map(({ section }) => ({ kind: 'settings' as const, section })),
  ];
}

/** Puts everything back into the outbox, for a bucket that was lost. */
export async function unpublishStored(db: Database): Promise<void> {
  await db.orm.update(models).set({ publishedRevision: 0 }).where(isNull(models.deletedAt));
  await db.orm.update(credentials).set({ publishedRevision: 0 }).where(isNull(credentials.deletedAt));
  await db.orm.update(configSettings).set({ publishedRevision: 0 });
}
