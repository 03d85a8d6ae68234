import type { Limits } from '#contracts';
import { boolean, index, integer, jsonb, numeric, pgTable, sql, text, timestamp, uniqueIndex } from '../drizzle.ts';

const instant = (name: string) => timestamp(name, { withTimezone: true, precision: 3 });
const names = (name: string) => text(name).array().notNull().default([]);

/**
 * Virtual keys. The key itself is stored nowhere, only its SHA-256. A deleted key keeps its row, so that its spend still
 * has a name and the deletion can be brought to the key-value bucket.
 *
 * `hash` is the SHA-256 of the secret that the key was made with, and its name for ever: its spend, limits and audit entries stand under it.
 * A key that was rotated has another secret since (`secretHash`), and for a while the one before (`previousSecretHash`).
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
    organizationId: text('organization_id'),
    models: names('models'),
    aliases: jsonb('aliases').$type<Record<string, string>>().notNull().default({}),
    metadata: jsonb('metadata').$type<Record<string, unknown>>().notNull().default({}),
    tags: names('tags'),
    expiresAt: instant('expires_at'),
    blocked: boolean('blocked').notNull().default(false),
    /** `default`, `llm_api`, `management`, `read_only`: which routes it was made for. What counts is `allowedRoutes`. */
    keyType: text('key_type').notNull().default('default'),
    /** Paths and groups of routes that it may call; empty: all. */
    allowedRoutes: names('allowed_routes'),
    /** Fields that its requests must have. */
    enforcedParams: names('enforced_params'),
    /** Model → cheaper models that serve instead when its budget is used up. */
    budgetFallbacks: jsonb('budget_fallbacks').$type<Record<string, string[]>>().notNull().default({}),
    /** What was said of budgets and rates, as it was said. */
    limitFields: jsonb('limit_fields').$type<Record<string, unknown>>().notNull().default({}),
    /** What it means, with what its shared budget says: computed when either is set. Null: no limits. */
    limits: jsonb('limits').$type<Limits>(),
    /** A budget that it shares the terms of with others. Each has its own spend. */
    budgetId: text('budget_id'),
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
    createdAt: instant('created_at').notNull().defaultNow(),
    createdBy: text('created_by').notNull(),
    updatedAt: instant('updated_at').notNull().defaultNow(),
    updatedBy: text('updated_by').notNull(),
    deletedAt: instant('deleted_at'),
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
    index('virtual_keys_organization')
      .on(table.organizationId)
      .where(sql`${table.organizationId} is not null`),
    index('virtual_keys_budget')
      .on(table.budgetId)
      .where(sql`${table.budgetId} is not null`),
    uniqueIndex('virtual_keys_secret')
      .on(table.secretHash)
      .where(sql`${table.secretHash} is not null and ${table.deletedAt} is null`),
    index('virtual_keys_previous_secret')
      .on(table.previousSecretHash)
      .where(sql`${table.previousSecretHash} is not null`),
    index('virtual_keys_rotation')
      .on(table.rotateAt)
      .where(sql`${table.rotateAt} is not null and ${table.deletedAt} is null`),
    index('virtual_keys_created').on(table.createdAt, table.hash),
    index('virtual_keys_unpublished')
      .on(table.hash)
      .where(sql`${table.revision} <> ${table.publishedRevision}`),
  ],
);
