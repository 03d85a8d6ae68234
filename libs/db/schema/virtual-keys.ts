import { boolean, index, integer, jsonb, pgTable, sql, text, timestamp, uniqueIndex } from '../drizzle.ts';

/**
 * Virtual keys. The key itself is stored nowhere, only its SHA-256. A deleted key keeps its row, so that its spend still
 * has a name and the deletion can be brought to the key-value bucket.
 *
 * `revision` counts changes and `publishedRevision` follows it once the bucket has the same: a row where they differ is the
 * outbox entry of a change that admission does not know yet.
 */
export const virtualKeys = pgTable(
  'virtual_keys',
  {
    /** SHA-256 of the key, hex. */
    hash: text('hash').primaryKey(),
    /** `sk-...abcd`. */
    masked: text('masked').notNull(),
    alias: text('alias'),
    teamId: text('team_id'),
    userId: text('user_id'),
    models: text('models').array().notNull().default([]),
    aliases: jsonb('aliases').$type<Record<string, string>>().notNull().default({}),
    metadata: jsonb('metadata').$type<Record<string, unknown>>().notNull().default({}),
    tags: text('tags').array().notNull().default([]),
    expiresAt: timestamp('expires_at', { withTimezone: true, precision: 3 }),
    blocked: boolean('blocked').notNull().default(false),
    createdAt: timestamp('created_at', { withTimezone: true, precision: 3 }).notNull().defaultNow(),
    createdBy: text('created_by').notNull(),
    updatedAt: timestamp('updated_at', { withTimezone: true, precision: 3 }).notNull().defaultNow(),
    updatedBy: text('updated_by').notNull(),
    deletedAt: timestamp('deleted_at', { withTimezone: true, precision: 3 }),
    revision: integer('revision').notNull().default(1),
    publishedRevision: integer('published_revision').notNull().default(0),
  },
  (table) => [
    uniqueIndex('virtual_keys_alias')
      .on(table.alias)
      .where(sql`${table.alias} is not null and ${table.deletedAt} is null`),
    index('virtual_keys_team')
      .on(table.teamId)
      .where(sql`${table.teamId} is not null`),
    index('virtual_keys_user')
      .on(table.userId)
      .where(sql`${table.userId} is not null`),
    index('virtual_keys_created').on(table.createdAt, table.hash),
    index('virtual_keys_unpublished')
      .on(table.hash)
      .where(sql`${table.revision} <> ${table.publishedRevision}`),
  ],
);
