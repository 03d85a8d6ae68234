import { pgTable, text } from '../drizzle.ts';
import { changes, fields } from './columns.ts';

/**
 * Limits that several keys, members, end users and so on have in common: each of them has all of it for itself. What uses a budget names it
 * in its own row, where its windows are worked out.
 */
export const budgets = pgTable('budgets', {
  id: text('id').primaryKey(),
  /** What it limits, in LiteLLM's names. */
  fields: fields('fields'),
  ...changes(),
});
