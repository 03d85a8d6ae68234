import { sql } from './drizzle.ts';
import type { Database } from './pool.ts';

/** What a key has cost since a time; null: ever. */
export interface KeySpendQuery {
  readonly hash: string;
  readonly since: Date | null;
}

/**
 * The cost of each, in the order they are asked for, exact decimal text. Whole days (UTC) are taken from the daily sums, the first day's part
 * from the ledger's rows: as fast for a key with millions of them.
 */
export async function spendOfKeysSince(db: Database, asked: readonly KeySpendQuery[]): Promise<string[]> {
  if (asked.length === 0) return [];
  const hashes = asked.map(({ hash }) => hash);
  const since = asked.map((one) => (one.since ?? new Date(0)).toISOString());
  const { rows } = await db.orm.execute<{ readonly usd: string }>(sql`
    with asked as (
      select at, hash, since, date_trunc('day', (since at time zone 'UTC') + interval '1 day' - interval '1 microsecond') as whole
      from unnest(${sql.param(hashes)}::text[], ${sql.param(since)}::timestamptz[]) with ordinality as one(hash, since, at)
    )
    select (
      coalesce((select sum(spend_usd) from daily_spend where kind = 'key' and name = asked.hash and day >= asked.whole::date), 0) +
      coalesce((
        select sum(total_usd) from attempts
        where key_hash = asked.hash and accepted_at >= asked.since and accepted_at < asked.whole at time zone 'UTC'
      ), 0)
    )::text as usd
    from asked order by at`);
  return rows.map(({ usd }) => usd);
}
