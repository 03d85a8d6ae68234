import { index, pgTable, primaryKey, sql, text, uniqueIndex } from '../drizzle.ts';
import { access, changes, fields, instant, outbox } from './columns.ts';
import { sparseIndex } from './sparse-index.ts';

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
    ...access(),
    /** What was said about its limits, in LiteLLM's names. */
    fields: fields('fields'),
    /** What it says about others or to others: permissions and limits of a team's members, an end user's default model … */
    details: fields('details'),
    ...changes(),
    deletedAt: instant('deleted_at'),
    ...outbox(),
  },
  (table) => [
    primaryKey({ columns: [table.kind, table.id] }),
    index('scopes_created').on(table.kind, table.createdAt, table.id),
    sparseIndex('scopes_team', table.teamId),
    sparseIndex('scopes_user', table.userId),
    sparseIndex('scopes_organization', table.organizationId),
    sparseIndex('scopes_budget', table.budgetId),
    uniqueIndex('scopes_email')
      .on(sql`lower(${table.email})`)
      .where(sql`${table.kind} = 'user' and ${table.email} is not null and ${table.deletedAt} is null`),
    index('scopes_unpublished')
      .on(table.kind, table.id)
      .where(sql`${table.revision} <> ${table.publishedRevision}`),
  ],
);
