import type { TokenUsage } from '#contracts';
import { and, asc, eq, gt, isNotNull, sql } from './drizzle.ts';
import type { Database } from './pool.ts';
import { batchLines, type LineState } from './schema/batches.ts';

export interface NewLine {
  readonly line: number;
  readonly customId: string;
}

/** The lines that were not added: another one of the batch has their `custom_id`. */
export async function addBatchLines(db: Database, batch: string, lines: readonly NewLine[]): Promise<number[]> {
  const { rows } = await db.orm.execute<{ line: number }>(sql`
    insert into batch_lines (batch_id, line, custom_id)
    select ${batch}, * from unnest(${sql.param(lines.map(({ line }) => line))}::int[], ${sql.param(lines.map(({ customId }) => customId))}::text[])
    on conflict do nothing returning line`);
  const added = new Set(rows.map(({ line }) => line));
  return lines.flatMap(({ line }) => (added.has(line) ? [] : [line]));
}

export async function clearBatchLines(db: Database, batch: string): Promise<void> {
  await db.orm.delete(batchLines).where(eq(batchLines.batchId, batch));
}

/** Lines that are over. */
export async function endedBatchLines(db: Database, batch: string): Promise<number[]> {
  const rows = await db.orm
    .select({ line: batchLines.line })
    .from(batchLines)
    .where(and(eq(batchLines.batchId, batch), isNotNull(batchLines.state)));
  return rows.map(({ line }) => line);
}

export interface LineResult {
  readonly line: number;
  readonly state: LineState;
  readonly result: string | null;
  /** Decimal text, US dollars. */
  readonly costUsd: string;
  readonly usage: Pick<TokenUsage, 'inputTokens' | 'cacheReadTokens' | 'outputTokens' | 'reasoningTokens'>;
}

export interface LineResults {
  readonly batch: string;
  readonly results: readonly LineResult[];
  /** Place of the last of them in the stream they came from, where they came from one. */
  readonly place?: number | undefined;
}

/**
 * Each line once, in one step with the batch's counts and place: a result that comes again changes nothing. The lines stand there twice so
 * that they are looked up by the primary key: Postgres, which knows little of a table that is filled and emptied, took all lines of the batch
 * for one and compared each with each (0.5 s for 250 of 20,000; now 10 ms).
 */
export async function saveLineResults(db: Database, { batch, results, place = 0 }: LineResults): Promise<void> {
  const column = <T>(pick: (one: LineResult) => T) => sql.param(results.map(pick));
  await db.orm.execute(sql`
    with given as (
      select * from unnest(${column(({ line }) => line)}::int[], ${column(({ state }) => state)}::text[], ${column(({ result }) => result)}::text[],
        ${column(({ costUsd }) => costUsd)}::numeric[], ${column(({ usage }) => usage.inputTokens)}::bigint[],
        ${column(({ usage }) => usage.cacheReadTokens)}::bigint[], ${column(({ usage }) => usage.outputTokens)}::bigint[],
        ${column(({ usage }) => usage.reasoningTokens)}::bigint[])
        as given (line, state, result, usd, input, cached, output, reasoning)
    ), saved as (
      update batch_lines set state = given.state, result = given.result from given
      where batch_lines.batch_id = ${batch} and batch_lines.line = given.line and batch_lines.state is null
        and batch_lines.line = any(${column(({ line }) => line)}::int[])
      returning given.*
    ), sums as (
      select count(*) filter (where state = 'succeeded') as succeeded,
             count(*) filter (where state in ('failed', 'over_budget')) as failed,
             count(*) filter (where state = 'cancelled') as cancelled, count(*) filter (where state = 'expired') as expired,
             coalesce(sum(usd), 0) as usd, coalesce(sum(input), 0) as input, coalesce(sum(cached), 0) as cached,
             coalesce(sum(output), 0) as output, coalesce(sum(reasoning), 0) as reasoning
      from saved
    )
    update batches set results_place = greatest(results_place, ${place}), succeeded = batches.succeeded + sums.succeeded, failed = batches.failed + sums.failed,
      cancelled = batches.cancelled + sums.cancelled, expired = batches.expired + sums.expired, spent_usd = spent_usd + sums.usd,
      input_tokens = input_tokens + sums.input, cached_tokens = cached_tokens + sums.cached,
      output_tokens = output_tokens + sums.output, reasoning_tokens = reasoning_tokens + sums.reasoning
    from sums where batches.id = ${batch}`);
}

/** All lines that are not over end like this, with nothing to show. */
export async function endBatchLines(db: Database, batch: string, state: Exclude<LineState, 'succeeded'>): Promise<void> {
  const counted = { failed: 'failed', over_budget: 'failed', cancelled: 'cancelled', expired: 'expired' }[state];
  await db.orm.execute(sql`
    with ended as (update batch_lines set state = ${state} where batch_id = ${batch} and state is null returning line)
    update batches set ${sql.raw(`${counted} = ${counted} + (select count(*) from ended)`)} where id = ${batch}`);
}

export interface EndedLine {
  readonly line: number;
  readonly customId: string;
  readonly state: LineState;
  readonly result: string | null;
}

/** The next lines that are over, in the order of the input. */
export async function nextEndedLines(db: Database, batch: string, after: number, limit: number): Promise<EndedLine[]> {
  const rows = await db.orm
    .select({ line: batchLines.line, customId: batchLines.customId, state: batchLines.state, result: batchLines.result })
    .from(batchLines)
    .where(and(eq(batchLines.batchId, batch), gt(batchLines.line, after), isNotNull(batchLines.state)))
    .orderBy(asc(batchLines.line))
    .limit(limit);
  return rows.flatMap(({ state, ...row }) => (state === null ? [] : [{ ...row, state }]));
}
