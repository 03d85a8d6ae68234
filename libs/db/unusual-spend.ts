import { sql } from './drizzle.ts';
import type { Database } from './pool.ts';

export type UnusualSpend = {
  readonly kind: 'key' | 'team';
  /** A key's hash or a team's id. */
  readonly name: string;
  /** Decimal text, US dollars: in the hour, and in the mean hour of the seven days before its day. */
  readonly spentUsd: string;
  readonly usualUsd: string;
};

/**
 * Keys and teams that spent in one hour more than `factor` times what they usually do, and at least `minUsd`. Who has spent nothing in
 * the week before has no usual amount, and is not among them.
 */
export async function findUnusualSpend(
  db: Database,
  options: { readonly hour: Date; readonly factor: number; readonly minUsd: string },
): Promise<UnusualSpend[]> {
  const from = options.hour.toISOString();
  const day = from.slice(0, 10);
  const { rows } = await db.orm.execute<UnusualSpend>(sql`
    with hour as (
      select kind, name, sum(total_usd) as spent
      from attempts cross join lateral (values ('key', key_hash), ('team', team_id)) as named (kind, name)
      where accepted_at >= ${from}::timestamptz and accepted_at < ${from}::timestamptz + interval '1 hour' and name is not null
      group by kind, name having sum(total_usd) >= ${options.minUsd}::numeric
    ), week as (
      select named.kind, named.name, sum(spend_usd) / (7 * 24) as usual
      from daily_spend cross join lateral (values ('key', key_hash), ('team', team_id)) as named (kind, name)
      where daily_spend.kind = 'key' and day >= ${day}::date - 7 and day < ${day}::date
        and (key_hash in (select hour.name from hour where kind = 'key') or team_id in (select hour.name from hour where kind = 'team'))
      group by named.kind, named.name having sum(spend_usd) > 0
    )
    select kind, name, spent::text as "spentUsd", round(usual, 6)::text as "usualUsd"
    from hour join week using (kind, name)
    where spent > usual * ${options.factor}::float8::numeric
    order by kind, name`);
  return rows;
}
