import type { Limits } from '#contracts';
import { boolean, index, integer, jsonb, pgTable, primaryKey, sql, text, timestamp, uniqueIndex } from '../drizzle.ts';

const instant = (name: string) => timestamp(name, { withTimezone: true, precision: 3 });

/**
 * Teams, their members, users, organizations, end users (customers) and tags: whatever spend is counted for and limits are set on, beside
 * virtual keys. One table, since admission and their publication treat them alike; `kind` and `id` are those of a `Scope`.
 *
 * A deleted one keeps its row, so that its spend still has a name. `revision` and `publishedRevision` are an outbox to the bucket `scopes`,
 * as in `virtual_keys`.
 */
export const scopes = pgTable(
  'scopes',
  {
    /** `team`, `member`, `user`, `organization`, `customer`, `tag`. */
    kind: text('kind').notNull(),
    /** As people know it; a member's is `<team>/<user>`. */
    id: text('id').notNull(),
    alias: text('alias'),
    /** Of a user: what it may do here. Of a member: its place in the team, `admin` or `user`. */
    role: text('role'),
    /** Of a user. */
    email: text('email'),
    /** Of a team or user. */
    organizationId: text('organization_id'),
    /** Of a member. */
    teamId: text('team_id'),
    userId: text('user_id'),
    /** The shared budget it uses (`budgets`). */
    budgetId: text('budget_id'),
    blocked: boolean('blocked').notNull().default(false),
    models: text('models').array().notNull().default([]),
    /** Public name → model group. */
    aliases: jsonb('aliases').$type<Record<string, string>>().notNull().default({}),
    tags: text('tags').array().notNull().default([]),
    metadata: jsonb('metadata').$type<Record<string, unknown>>().notNull().default({}),
    /** What was said about its limits, in LiteLLM's names. */
    fields: jsonb('fields').$type<Record<string, unknown>>().notNull().default({}),
    /** What it says about others or to others: permissions and limits of a team's members, an end user's default model … */
    details: jsonb('details').$type<Record<string, unknown>>().notNull().default({}),
    /** What follows from `fields`, the shared budget and, of a member, its team: with the time at which each window began. */
    limits: jsonb('limits').$type<Limits>(),
    createdAt: instant('created_at').notNull().defaultNow(),
    createdBy: text('created_by').notNull(),
    updatedAt: instant('updated_at').notNull().defaultNow(),
    updatedBy: text('updated_by').notNull(),
    deletedAt: instant('deleted_at'),
    revision: integer('revision').notNull().default(1),
    publishedRevision: integer('published_revision').notNull().default(0),
  },
  (table) => [
    primaryKey({ columns: [table.kind, table.id] }),
    index('scopes_created').on(table.kind, table.createdAt, table.id),
    index('scopes_team')
      .on(table.teamId)
      .where(sql`${table.teamId} is not null`),
    index('scopes_user')
      .on(table.userId)
      .where(sql`${table.userId} is not null`),
    index('scopes_organization')
      .on(table.organizationId)
      .where(sql`${table.organizationId} is not null`),
    index('scopes_budget')
      .on(table.budgetId)
      .where(sql`${table.budgetId} is not null`),
    uniqueIndex('scopes_email')
      .on(sql`lower(${table.email})`)
      .where(sql`${table.kind} = 'user' and ${table.email} is not null and ${table.deletedAt} is null`),
    index('scopes_unpublished')
      .on(table.kind, table.id)
      .where(sql`${table.revision} <> ${table.publishedRevision}`),
  ],
);
