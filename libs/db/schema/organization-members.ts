import { index, pgTable, primaryKey, text } from '../drizzle.ts';
import { instant } from './columns.ts';

/** Which users are in which organization. Nothing is limited for one: a member of a team is a scope of its own, this is none. */
export const organizationMembers = pgTable(
  'organization_members',
  {
    organizationId: text('organization_id').notNull(),
    userId: text('user_id').notNull(),
    /** `org_admin`, `internal_user`, `internal_user_viewer`. */
    role: text('role').notNull(),
    createdAt: instant('created_at').notNull().defaultNow(),
    updatedAt: instant('updated_at').notNull().defaultNow(),
  },
  (table) => [primaryKey({ columns: [table.organizationId, table.userId] }), index('organization_members_user').on(table.userId)],
);
