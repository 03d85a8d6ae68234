import { and, desc, eq, gte, inArray, lt, type SQL, sql } from './drizzle.ts';
import type { Database } from './pool.ts';
import { attempts } from './schema/attempts.ts';

/** A row of the ledger: money as exact decimal text in US dollars, null where the price is not known. */
export type LedgerEntry = Readonly<typeof attempts.$inferSelect>;

export interface SpendFilter {
  readonly keyHash?: string | undefined;
  readonly userId?: string | undefined;
  readonly jobId?: string | undefined;
  /** Acceptance of the job, from (included) and until (not included). */
  readonly from?: Date | undefined;
  readonly until?: Date | undefined;
}

/** The place of a row in the order of pages. */
export type LedgerPlace = Pick<LedgerEntry, 'acceptedAt' | 'jobId' | 'attempt' | 'delivery'>;

/** Rows of the ledger, newest job first, from after a place: as fast on the last page as on the first. */
export function listAttempts(
  db: Database,
  filter: SpendFilter,
  options: { readonly limit: number; readonly after?: LedgerPlace | undefined },
): Promise<LedgerEntry[]> {
  return db.orm
    .select()
    .from(attempts)
    .where(and(matching(filter), options.after && olderThan(options.after)))
    .orderBy(desc(attempts.acceptedAt), desc(attempts.jobId), desc(attempts.attempt), desc(attempts.delivery))
    .limit(options.limit);
}

function olderThan(place: LedgerPlace): SQL {
  const key = sql`(${attempts.acceptedAt}, ${attempts.jobId}, ${attempts.attempt}, ${attempts.delivery})`;
  const instant = place.acceptedAt.toISOString();
  return sql`${key} < (${instant}::timestamptz, ${place.jobId}::text, ${place.attempt}::integer, ${place.delivery}::integer)`;
}

function matching(filter: SpendFilter): SQL | undefined {
  return and(
    filter.keyHash === undefined ? undefined : eq(attempts.keyHash, filter.keyHash),
    filter.userId === undefined ? undefined : eq(attempts.userId, filter.userId),
    filter.jobId === undefined ? undefined : eq(attempts.jobId, filter.jobId),
    filter.from === undefined ? undefined : gte(attempts.acceptedAt, filter.from),
    filter.until === undefined ? undefined : lt(attempts.acceptedAt, filter.until),
  );
}

/** What was spent on one UTC day, in all or by one key, user or model. */
export type DailySpend = {
  /** `YYYY-MM-DD`. */
  readonly day: string;
  readonly by: 'all' | 'key' | 'user' | 'model';
  /** Key hash, user id or model; null for `all`, and for attempts without a user. */
  readonly name: string | null;
  readonly spendUsd: string;
  readonly attempts: number;
  /** Attempts whose price is not known: their cost is not in `spendUsd`. */
  readonly unpriced: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
};

/** Sums per day, made by Postgres in exact decimals, oldest day first. */
export async function spendByDay(db: Database, filter: SpendFilter): Promise<DailySpend[]> {
  const { rows } = await db.orm.execute<DailySpend>(sql`
    select to_char(day, 'YYYY-MM-DD') as "day",
           case when grouping(key_hash) = 0 then 'key' when grouping(user_id) = 0 then 'user'
                when grouping(model) = 0 then 'model' else 'all' end as "by",
           coalesce(key_hash, user_id, model) as "name",
           coalesce(sum(total_usd), 0)::text as "spendUsd",
           count(*)::int as "attempts",
           (count(*) filter (where total_usd is null))::int as "unpriced",
           sum(input_tokens)::float8 as "inputTokens",
           sum(output_tokens)::float8 as "outputTokens"
    from (select *, date_trunc('day', accepted_at at time zone 'UTC') as day from attempts where ${matching(filter) ?? sql`true`}) as matching
    group by grouping sets ((day), (day, key_hash), (day, user_id), (day, model))
    order by 1, 2, 3`);
  return rows;
}

/** What keys have cost in all, by hash; a key without attempts is not in the map. */
export async function spendOfKeys(db: Database, hashes: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const rows = await db.orm
    .select({ hash: attempts.keyHash, spendUsd: sql<string>`coalesce(sum(${attempts.totalUsd}), 0)::text` })
    .from(attempts)
    .where(inArray(attempts.keyHash, [...hashes]))
    .groupBy(attempts.keyHash);
  return new Map(rows.map((row) => [row.hash, row.spendUsd]));
}
