import { jsonb, pgTable, text, timestamp } from '../drizzle.ts';

const instant = (name: string) => timestamp(name, { withTimezone: true, precision: 3 });

/**
 * Limits that several keys, members, end users and so on have in common: each of them has all of it for itself. What uses a budget names it
 * in its own row, where its windows are worked out.
 */
export const budgets = pgTable('budgets', {
  id: text('id').primaryKey(),
  /** What it limits, in LiteLLM's names. */
  fields: jsonb('fields').$type<Record<string, unknown>>().notNull().default({}),
  createdAt: instant('created_at').notNull().defaultNow(),
  createdBy: text('created_by').notNull(),
  updatedAt: instant('updated_at').notNull().defaultNow(),
  updatedBy: text('updated_by').notNull(),
});
