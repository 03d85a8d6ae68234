import { bigint, index, integer, jsonb, numeric, pgTable, primaryKey, sql, text, timestamp, uniqueIndex } from '../drizzle.ts';

const instant = (name: string) => timestamp(name, { withTimezone: true, precision: 3 });
const counter = (name: string) => integer(name).notNull().default(0);
const tokens = (name: string) => bigint(name, { mode: 'number' }).notNull().default(0);

/**
 * `validating` → `in_progress` → `finalizing` → `completed`; from `validating` to `failed` when the input can't be read, from the first two by
 * way of `cancelling` to `cancelled`, and to `expired` when the time is over.
 */
export type BatchState = 'validating' | 'failed' | 'in_progress' | 'finalizing' | 'completed' | 'expired' | 'cancelling' | 'cancelled';

/** What is wrong with the input, as OpenAI tells it. `line` counts from 1. */
export interface BatchError {
  readonly code: string;
  readonly message: string;
  readonly line: number | null;
  readonly param: string | null;
}

export const batches = pgTable(
  'batches',
  {
    id: text('id').primaryKey(),
    owner: text('owner').notNull(),
    /** Whose API it was made with, and so what its lines and results look like. */
    format: text('format').$type<'openai-batch' | 'message-batch'>().notNull(),
    /** Route of all its requests. */
    endpoint: text('endpoint').notNull(),
    state: text('state').$type<BatchState>().notNull().default('validating'),
    errors: jsonb('errors').$type<readonly BatchError[]>(),
    inputFileId: text('input_file_id').notNull(),
    outputFileId: text('output_file_id'),
    errorFileId: text('error_file_id'),
    completionWindow: text('completion_window').notNull(),
    /** Seconds after which its output files are deleted; null: as the settings say. */
    outputSeconds: integer('output_seconds'),
    metadata: jsonb('metadata').$type<Readonly<Record<string, string>>>(),
    /** Of the input; the first line's. */
    model: text('model'),
    /** Request headers that all its requests are sent with: session, agent, tags. */
    headers: jsonb('headers').$type<Readonly<Record<string, string>>>().notNull().default({}),
    /** No more requests start once so much is spent. */
    maxUsd: numeric('max_usd'),
    spentUsd: numeric('spent_usd').notNull().default('0'),
    total: counter('total'),
    succeeded: counter('succeeded'),
    failed: counter('failed'),
    cancelled: counter('cancelled'),
    expired: counter('expired'),
    /** Of the last result that was taken in: its sequence in the stream. */
    resultsPlace: tokens('results_place'),
    inputTokens: tokens('input_tokens'),
    cachedTokens: tokens('cached_tokens'),
    outputTokens: tokens('output_tokens'),
    reasoningTokens: tokens('reasoning_tokens'),
    createdAt: instant('created_at').notNull().defaultNow(),
    expiresAt: instant('expires_at').notNull(),
    startedAt: instant('started_at'),
    cancellingAt: instant('cancelling_at'),
    finalizingAt: instant('finalizing_at'),
    endedAt: instant('ended_at'),
    /** The process that works on it, and until when it has it. */
    runner: text('runner'),
    runnerUntil: instant('runner_until'),
  },
  (table) => [
    index('batches_of_owner').on(table.owner, table.createdAt, table.id),
    index('batches_open')
      .on(table.createdAt)
      .where(sql`${table.endedAt} is null`),
  ],
);

/** A request of a batch. Its result is here until the output files are written. */
export const batchLines = pgTable(
  'batch_lines',
  {
    batchId: text('batch_id')
      .notNull()
      .references(() => batches.id, { onDelete: 'cascade' }),
    /** From 1. */
    line: integer('line').notNull(),
    customId: text('custom_id').notNull(),
    /** Null until it is over. */
    state: text('state').$type<LineState>(),
    /** Its line in the output; null where its state says all there is to say. */
    result: text('result'),
  },
  (table) => [primaryKey({ columns: [table.batchId, table.line] }), uniqueIndex('batch_lines_custom_id').on(table.batchId, table.customId)],
);

export type LineState = 'succeeded' | 'failed' | 'cancelled' | 'expired' | 'over_budget';
