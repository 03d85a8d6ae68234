import { boolean, index, integer, jsonb, pgTable, sql, text, timestamp } from '../drizzle.ts';

const instant = (name: string) => timestamp(name, { withTimezone: true, precision: 3 });

/**
 * Models that were made over HTTP. Secrets in `litellmParams` are sealed before they come here. A deleted model keeps its row until the
 * deletion is in the bucket `config`; `revision` and `publishedRevision` are an outbox as in `virtual_keys`.
 */
export const models = pgTable(
  'models',
  {
    /** The deployment's id: `model_info.id`. */
    id: text('id').primaryKey(),
    modelName: text('model_name').notNull(),
    litellmParams: jsonb('litellm_params').$type<Record<string, unknown>>().notNull(),
    modelInfo: jsonb('model_info').$type<Record<string, unknown>>().notNull().default({}),
    teamId: text('team_id'),
    blocked: boolean('blocked').notNull().default(false),
    createdAt: instant('created_at').notNull().defaultNow(),
    createdBy: text('created_by').notNull(),
    updatedAt: instant('updated_at').notNull().defaultNow(),
    updatedBy: text('updated_by').notNull(),
    deletedAt: instant('deleted_at'),
    revision: integer('revision').notNull().default(1),
    publishedRevision: integer('published_revision').notNull().default(0),
  },
  (table) => [
    index('models_team')
      .on(table.teamId)
      .where(sql`${table.teamId} is not null`),
  ],
);

/** Parameters that models share by name, made over HTTP. Secrets in `values` are sealed before they come here; the rest is as in `models`. */
export const credentials = pgTable('credentials', {
  name: text('name').primaryKey(),
  values: jsonb('values').$type<Record<string, unknown>>().notNull(),
  /** What people noted about it. */
  info: jsonb('info').$type<Record<string, unknown>>().notNull().default({}),
  createdAt: instant('created_at').notNull().defaultNow(),
  createdBy: text('created_by').notNull(),
  updatedAt: instant('updated_at').notNull().defaultNow(),
  updatedBy: text('updated_by').notNull(),
  deletedAt: instant('deleted_at'),
  revision: integer('revision').notNull().default(1),
  publishedRevision: integer('published_revision').notNull().default(0),
});

/** Settings that were made over HTTP, one row per section of the configuration. */
export const configSettings = pgTable('config_settings', {
  /** `router_settings`, `litellm_settings`. */
  section: text('section').primaryKey(),
  values: jsonb('values').$type<Record<string, unknown>>().notNull(),
  updatedAt: instant('updated_at').notNull().defaultNow(),
  updatedBy: text('updated_by').notNull(),
  revision: integer('revision').notNull().default(1),
  publishedRevision: integer('published_revision').notNull().default(0),
});
