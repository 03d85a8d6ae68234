import { index, integer, pgTable, primaryKey, text } from '../drizzle.ts';
import { instant } from './columns.ts';

/** What was asked and answered, one row per job, where the configuration says that it is kept (`StoredPrompt`). A table of its own: reports never read it. */
export const prompts = pgTable(
  'prompts',
  {
    acceptedAt: instant('accepted_at').notNull(),
    jobId: text('job_id').notNull(),
    keyHash: text('key_hash').notNull(),
    teamId: text('team_id'),
    userId: text('user_id'),
    organizationId: text('organization_id'),
    route: text('route').notNull(),
    model: text('model').notNull(),
    status: integer('status').notNull(),
    request: text('request').notNull(),
    answer: text('answer').notNull(),
  },
  (table) => [primaryKey({ columns: [table.acceptedAt, table.jobId] }), index('prompts_job').on(table.jobId)],
);
