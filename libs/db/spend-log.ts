import { desc, type SQL, sql } from './drizzle.ts';
import type { Database } from './pool.ts';
import { attempts } from './schema/attempts.ts';
import { allOf, isOneOf, type NameFilter, namedRows, type SpendVisibility, textArray, visibleRows } from './spend-filter.ts';

/** A row of the ledger: money as exact decimal text in US dollars, null where the price is not known. */
export type LedgerEntry = Readonly<typeof attempts.$inferSelect>;

export interface RowFilter extends NameFilter {
  readonly visible: SpendVisibility;
  readonly jobId?: string | undefined;
  readonly sessionId?: string | undefined;
  readonly keyAlias?: string | undefined;
  readonly deploymentId?: string | undefined;
  readonly outcome?: 'success' | 'failure' | undefined;
  readonly errorCode?: string | undefined;
  /** A part of it, in any case. */
  readonly errorMessage?: string | undefined;
  /** US dollars, decimal text. */
  readonly minUsd?: string | undefined;
  readonly maxUsd?: string | undefined;
  /** Acceptance of the job, from (included) and until (not included). */
  readonly from?: Date | undefined;
  readonly until?: Date | undefined;
}

/** The place of a row in the order of pages. */
export type LedgerPlace = Pick<LedgerEntry, 'acceptedAt' | 'jobId' | 'attempt' | 'delivery'>;

export const ROW_ORDERS = ['startTime', 'endTime', 'spend', 'total_tokens', 'model'] as const;
export type RowOrder = (typeof ROW_ORDERS)[number];

/** Rows of the ledger, newest job first, from after a place: as fast on the last page as on the first. */
export function listAttempts(
  db: Database,
  filter: RowFilter,
  options: { readonly limit: number; readonly after?: LedgerPlace | undefined },
): Promise<LedgerEntry[]> {
  return db.orm
    .select()
    .from(attempts)
    .where(allOf([matching(filter), options.after && olderThan(options.after)]))
    .orderBy(desc(attempts.acceptedAt), desc(attempts.jobId), desc(attempts.attempt), desc(attempts.delivery))
    .limit(options.limit);
}

export interface RowPage {
  readonly rows: readonly LedgerEntry[];
  /** Rows that match, counted up to `MOST_COUNTED`. */
  readonly total: number;
}

/** Counting further would take longer than reading the page. */
export const MOST_COUNTED = 50_000;

/** One numbered page (from 1), in any order. */
export async function pageOfAttempts(
  db: Database,
  filter: RowFilter,
  options: { readonly page: number; readonly size: number; readonly order: RowOrder; readonly ascending: boolean },
): Promise<RowPage> {
  const where = matching(filter);
  const rows = await db.orm
    .select()
    .from(attempts)
    .where(where)
    .orderBy(...orderOf(options.order, options.ascending))
    .limit(options.size)
    .offset((options.page - 1) * options.size);
  const counted = await db.orm.execute<{ total: number }>(
    sql`select count(*)::int as total from (select 1 from attempts where ${where} limit ${MOST_COUNTED}) as matching`,
  );
  return { rows, total: counted.rows[0]?.total ?? 0 };
}

/** The primary key makes any order one without ties; in that of time it is the order of pages, read from the index. */
function orderOf(order: RowOrder, ascending: boolean): SQL[] {
  const by = ORDERED_BY[order];
  const columns = by === undefined ? PLACE : [by, ...PLACE];
  return columns.map((column) => sql.raw(`${column} ${ascending ? 'asc' : 'desc'}`));
}

const PLACE = ['accepted_at', 'job_id', 'attempt', 'delivery'];
const ORDERED_BY: Readonly<Record<RowOrder, string | undefined>> = {
  startTime: undefined,
  endTime: 'ended_at',
  spend: 'coalesce(total_usd, 0)',
  total_tokens: '(input_tokens + output_tokens)',
  model: 'model',
};

function olderThan(place: LedgerPlace): SQL {
  const key = sql`(${attempts.acceptedAt}, ${attempts.jobId}, ${attempts.attempt}, ${attempts.delivery})`;
  const instant = place.acceptedAt.toISOString();
  return sql`${key} < (${instant}::timestamptz, ${place.jobId}::text, ${place.attempt}::integer, ${place.delivery}::integer)`;
}

/** Conditions on the ledger. */
export function matching(filter: RowFilter): SQL {
  return allOf([visibleRows(filter.visible), ...namedRows(filter), ...labelled(filter), ...outcomes(filter), ...within(filter)]);
}

function labelled(filter: RowFilter): (SQL | undefined)[] {
  const { endUsers, agents, tags, jobId, sessionId, keyAlias, deploymentId } = filter;
  const is = (column: string, name: string | undefined) => (name === undefined ? undefined : isOneOf(column, [name]));
  return [
    endUsers && isOneOf('end_user', endUsers),
    agents && isOneOf('agent', agents),
    // the second half is what lets the partial index be used
    tags && sql`tags && ${textArray(tags)} and tags <> '{}'`,
    is('job_id', jobId),
    is('session_id', sessionId),
    is('key_alias', keyAlias),
    is('deployment_id', deploymentId),
  ];
}

function outcomes({ outcome, errorCode, errorMessage, minUsd, maxUsd }: RowFilter): (SQL | undefined)[] {
  return [
    outcome && (outcome === 'success' ? sql`status = 'success'` : sql`status <> 'success'`),
    errorCode === undefined ? undefined : sql`(error_code = ${errorCode} or upstream_status::text = ${errorCode})`,
    errorMessage === undefined ? undefined : sql`strpos(lower(error_message), lower(${errorMessage})) > 0`,
    minUsd === undefined ? undefined : sql`total_usd >= ${minUsd}::numeric`,
    maxUsd === undefined ? undefined : sql`total_usd <= ${maxUsd}::numeric`,
  ];
}

function within({ from, until }: Pick<RowFilter, 'from' | 'until'>): (SQL | undefined)[] {
  return [from && sql`accepted_at >= ${from.toISOString()}::timestamptz`, until && sql`accepted_at < ${until.toISOString()}::timestamptz`];
}
