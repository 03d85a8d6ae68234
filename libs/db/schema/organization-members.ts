import { index, pgTable, primaryKey, text, timestamp } from '../drizzle.ts';

/** Which users are in which organization. Nothing is limited for one: a member of a team is a scope of its own, this is none. */
export const organizationMembers = pgTable(
  'organization_members',
  {
    organizationId: text('organization_id').notNull(),
    userId: text('user_id').notNull(),
    /** `org_admin`, `internal_user`, `internal_user_viewer`. */
    role: text('role').notNull(),
    createdAt: timestamp('created_at', { withTimezone: true, precision: 3 }).notNull().defaultNow(),
    updatedAt: timestamp('updated_at', { withTimezone: true, precision: 3 }).notNull().defaultNow(),
  },
  (table) => [primaryKey({ columns: [table.organizationId, table.userId] }), index('organization_members_user').on(table.userId)],
);
