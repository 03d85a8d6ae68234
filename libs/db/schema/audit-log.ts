import { index, jsonb, pgTable, text, uuid } from '../drizzle.ts';
import { instant } from './columns.ts';

/** Who changed what, and when. Rows are only ever added. No secret and no hash of one is in them. */
export const auditLog = pgTable(
  'audit_log',
  {
    id: uuid('id').primaryKey().defaultRandom(),
    at: instant('at').notNull().defaultNow(),
    /** A user, `master-key`, the hash of a key without a user, or whom an administrator's program named. */
    changedBy: text('changed_by').notNull(),
    /** Hash of the virtual key that was used; null for the master key and for what the gateway does by itself. */
    changedByKey: text('changed_by_key'),
    /** `created`, `updated`, `deleted`, `blocked` … */
    action: text('action').notNull(),
    /** What kind of thing: `keys`, `teams`, `users` … */
    tableName: text('table_name').notNull(),
    objectId: text('object_id').notNull(),
    /** The fields that changed, before and after; null where there was nothing. */
    before: jsonb('before').$type<Record<string, unknown>>(),
    after: jsonb('after').$type<Record<string, unknown>>(),
  },
  (table) => [
    index('audit_log_at').on(table.at, table.id),
    index('audit_log_object').on(table.tableName, table.objectId, table.at),
    index('audit_log_changed_by').on(table.changedBy, table.at),
  ],
);
