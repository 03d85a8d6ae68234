import { bigint, date, index, numeric, pgTable, primaryKey, sql, text, uuid } from '../drizzle.ts';

const total = (name: string) => bigint(name, { mode: 'number' }).notNull();

/**
 * The ledger's sums by UTC day, kept in the statement that writes its rows. Each attempt counts in one row of every `kind` that
 * it has a name for: `total` (one for all), `key`, `customer`, `agent`, and one `tag` for each of its tags. Sums outlive the rows
 * they were made of: retention does not touch them.
 *
 * Each kind has a partition of its own (made by `drizzle/0003`; drizzle knows nothing of them): a report of keys reads no end users, of which there
 * may be a hundred times as many.
 *
 * `grain` stands for all columns that are not sums; names of any length do not fit into an index.
 */
export const dailySpend = pgTable(
  'daily_spend',
  {
    day: date('day', { mode: 'string' }).notNull(),
    grain: uuid('grain').notNull(),
    kind: text('kind').notNull(),
    /** Of its kind: a key's hash, an end user, an agent, a tag; empty for `total`. */
    name: text('name').notNull(),
    /** Empty in `total`, and where there is none. */
    keyHash: text('key_hash').notNull(),
    teamId: text('team_id').notNull(),
    userId: text('user_id').notNull(),
    organizationId: text('organization_id').notNull(),
    modelGroup: text('model_group').notNull(),
    model: text('model').notNull(),
    provider: text('provider').notNull(),
    route: text('route').notNull(),

    /** US dollars, exact. */
    spendUsd: numeric('spend_usd').notNull(),
    attempts: total('attempts'),
    successes: total('successes'),
    /** Attempts whose price is not known: their cost is not in `spendUsd`. */
    unpriced: total('unpriced'),
    inputTokens: total('input_tokens'),
    cacheReadTokens: total('cache_read_tokens'),
    cacheWriteTokens: total('cache_write_tokens'),
    outputTokens: total('output_tokens'),
    reasoningTokens: total('reasoning_tokens'),
  },
  (table) => [
    primaryKey({ columns: [table.kind, table.day, table.grain] }),
    index('daily_spend_name').on(table.kind, table.name, table.day),
    index('daily_spend_team')
      .on(table.teamId, table.day)
      .where(sql`${table.kind} = 'key' and ${table.teamId} <> ''`),
    index('daily_spend_user')
      .on(table.userId, table.day)
      .where(sql`${table.kind} = 'key' and ${table.userId} <> ''`),
    index('daily_spend_organization')
      .on(table.organizationId, table.day)
      .where(sql`${table.kind} = 'key' and ${table.organizationId} <> ''`),
  ],
);
