import { boolean, numeric, pgTable, text } from '../drizzle.ts';
import { instant } from './columns.ts';

/** What clients say of the answers of their jobs: the last word on each counts. */
export const routeFeedback = pgTable('route_feedback', {
  jobId: text('job_id').primaryKey(),
  keyHash: text('key_hash').notNull(),
  good: boolean('good').notNull(),
  /** The client's own measure. */
  score: numeric('score'),
  givenAt: instant('given_at').notNull().defaultNow(),
});
