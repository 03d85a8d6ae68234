import { boolean, index, integer, jsonb, numeric, pgTable, sql, text, uniqueIndex } from '../drizzle.ts';
import { access, changes, fields, instant, names, outbox } from './columns.ts';
import { sparseIndex } from './sparse-index.ts';

/**
 * Virtual keys. The key itself is stored nowhere, only its SHA-256. A deleted key keeps its row, so that its spend still
 * has a name and the deletion can be brought to the key-value bucket.
 *
 * `hash` is the SHA-256 of the secret that the key was made with, and its name for ever: its spend, limits and audit entries stand under it.
 * A key that was rotated has another secret since (`secretHash`), and for a while the one before (`previousSecretHash`).
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
    organizationId: text('organization_id'),
    ...access(),
    expiresAt: instant('expires_at'),
    /** `default`, `llm_api`, `management`, `read_only`: which routes it was made for. What counts is `allowedRoutes`. */
    keyType: text('key_type').notNull().default('default'),
    /** Paths and groups of routes that it may call; empty: all. */
    allowedRoutes: names('allowed_routes'),
    /** Fields that its requests must have. */
    enforcedParams: names('enforced_params'),
    /** Model → cheaper models that serve instead when its budget is used up. */
    budgetFallbacks: jsonb('budget_fallbacks').$type<Record<string, string[]>>().notNull().default({}),
    /** What was said of budgets and rates, as it was said. */
    limitFields: fields('limit_fields'),
    /** Spend before this is shown as none: it was reset. */
    spendSince: instant('spend_since'),
    /** What is shown as spent at that moment: it was reset to an amount. */
    spendCarriedUsd: numeric('spend_carried_usd'),
    /** SHA-256 of the secret that works now; null: the one it was made with. */
    secretHash: text('secret_hash'),
    previousSecretHash: text('previous_secret_hash'),
    /** Until when the one before works. */
    previousSecretUntil: instant('previous_secret_until'),
    /** Hashes of secrets that do not work any more and may still be in the bucket. */
    retiredSecrets: names('retired_secrets'),
    autoRotate: boolean('auto_rotate').notNull().default(false),
    /** `30d`. */
    rotationInterval: text('rotation_interval'),
    rotateAt: instant('rotate_at'),
    rotatedAt: instant('rotated_at'),
    rotationCount: integer('rotation_count').notNull().default(0),
    ...changes(),
    deletedAt: instant('deleted_at'),
    ...outbox(),
  },
  (table) => [
    uniqueIndex('virtual_keys_alias')
      .on(table.alias)
      .where(sql`${table.alias} is not null and ${table.deletedAt} is null`),
    sparseIndex('virtual_keys_team', table.teamId),
    sparseIndex('virtual_keys_user', table.userId),
    sparseIndex('virtual_keys_organization', table.organizationId),
    sparseIndex('virtual_keys_budget', table.budgetId),
    uniqueIndex('virtual_keys_secret')
      .on(table.secretHash)
      .where(sql`${table.secretHash} is not null and ${table.deletedAt} is null`),
    sparseIndex('virtual_keys_previous_secret', table.previousSecretHash),
    index('virtual_keys_rotation')
      .on(table.rotateAt)
      .where(sql`${table.rotateAt} is not null and ${table.deletedAt} is null`),
    index('virtual_keys_created').on(table.createdAt, table.hash),
    index('virtual_keys_unpublished')
      .on(table.hash)
      .where(sql`${table.revision} <> ${table.publishedRevision}`),
  ],
);
