import { bigint, date, index, numeric, pgTable, primaryKey, text } from '../drizzle.ts';
import { instant } from './columns.ts';

const total = (name: string) => bigint(name, { mode: 'number' }).notNull();

/** What each session has cost on each UTC day, by key; kept like `daily_spend`. A session's id is what clients say: two keys may use the same. */
export const sessionSpend = pgTable(
  'session_spend',
  {
    day: date('day', { mode: 'string' }).notNull(),
    sessionId: text('session_id').notNull(),
    keyHash: text('key_hash').notNull(),
    teamId: text('team_id'),
    organizationId: text('organization_id'),
    userId: text('user_id'),
    endUser: text('end_user'),
    agent: text('agent'),
    /** Model groups, each once. */
    models: text('models').array().notNull(),
    firstAt: instant('first_at').notNull(),
    lastAt: instant('last_at').notNull(),
    spendUsd: numeric('spend_usd').notNull(),
    attempts: total('attempts'),
    /** First attempts, so jobs. */
    requests: total('requests'),
    failures: total('failures'),
    unpriced: total('unpriced'),
    inputTokens: total('input_tokens'),
    outputTokens: total('output_tokens'),
  },
  (table) => [primaryKey({ columns: [table.sessionId, table.keyHash, table.day] }), index('session_spend_day').on(table.day)],
);
