import { boolean, jsonb, pgTable, text } from '../drizzle.ts';
import { changes, fields, instant, lastChange, outbox } from './columns.ts';
import { sparseIndex } from './sparse-index.ts';

/**
 * Models that were made over HTTP. Secrets in `litellmParams` are sealed before they come here. A deleted model keeps its row until the
 * deletion is in the bucket `config`.
 */
export const models = pgTable(
  'models',
  {
    /** The deployment's id: `model_info.id`. */
    id: text('id').primaryKey(),
    modelName: text('model_name').notNull(),
    litellmParams: jsonb('litellm_params').$type<Record<string, unknown>>().notNull(),
    modelInfo: fields('model_info'),
    teamId: text('team_id'),
    blocked: boolean('blocked').notNull().default(false),
    ...changes(),
    deletedAt: instant('deleted_at'),
    ...outbox(),
  },
  (table) => [sparseIndex('models_team', table.teamId)],
);

/** Parameters that models share by name, made over HTTP. Secrets in `values` are sealed before they come here; the rest is as in `models`. */
export const credentials = pgTable('credentials', {
  name: text('name').primaryKey(),
  values: jsonb('values').$type<Record<string, unknown>>().notNull(),
  /** What people noted about it. */
  info: fields('info'),
  ...changes(),
  deletedAt: instant('deleted_at'),
  ...outbox(),
});

/** Settings that were made over HTTP, one row per section of the configuration. */
export const configSettings = pgTable('config_settings', {
  /** `router_settings`, `litellm_settings`. */
  section: text('section').primaryKey(),
  values: jsonb('values').$type<Record<string, unknown>>().notNull(),
  ...lastChange(),
  ...outbox(),
});
