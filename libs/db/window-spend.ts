import type { Scope, ScopeKind } from '#contracts';
import type { Database } from './pool.ts';

/** Since when somebody's spend is asked for. */
export interface SpendWindow {
  readonly scope: Scope;
  /** Only calls of this model group. */
  readonly model: string | undefined;
  /** Unix milliseconds. */
  readonly startsAt: number;
}

/** Which rows are a scope's, whose id is `w.id`. */
const ROWS_OF: Readonly<Record<ScopeKind, string>> = {
  gateway: 'true',
  organization: 'a.organization_id = w.id',
  team: 'a.team_id = w.id',
  member: `a.team_id = split_part(w.id, '/', 1) and a.team_id || '/' || a.user_id = w.id`,
  user: 'a.user_id = w.id',
  customer: 'a.end_user = w.id',
  tag: 'a.tags @> array[w.id]',
  key: 'a.key_hash = w.id',
  provider: 'a.provider = w.id',
  deployment: 'a.deployment_id = w.id',
};

/**
 * What the ledger says was spent in each window until then, in their order, decimal text in US dollars. Attempts count when they ended, as
 * admission counts them. One statement for each kind of scope; rejects with Postgres's error.
 */
export async function spendOfWindows(db: Database, windows: readonly SpendWindow[], until: Date): Promise<string[]> {
  const spent = windows.map(() => '0');
  for (const [kind, rows] of Object.entries(ROWS_OF)) {
    const places = windows.flatMap(({ scope }, index) => (scope.kind === kind ? [index] : []));
    if (places.length === 0) continue;
    const asked = places.flatMap((place) => windows[place] ?? []);
    const parameters = [
      places,
      asked.map(({ scope }) => scope.id),
      asked.map(({ model }) => model ?? ''),
      asked.map(({ startsAt }) => startsAt),
      until,
    ];
    const result = await db.pool.query<{ place: number; spent: string }>(sumSql(rows), parameters);
    for (const { place, spent: usd } of result.rows) spent[place] = usd;
  }
  return spent;
}

/** A job is accepted before it ends, by a day at the longest that a request may take: the indexes and partitions are by acceptance. */
function sumSql(rows: string): string {
  return `
    select w.place, coalesce(sum(a.total_usd), 0)::text as spent
    from unnest($1::int[], $2::text[], $3::text[], $4::float8[]) as w (place, id, model, since)
    join attempts a on ${rows}
      and (w.model = '' or a.model_group = w.model)
      and a.accepted_at >= to_timestamp(w.since / 1000.0) - interval '1 day'
      and a.ended_at >= to_timestamp(w.since / 1000.0) and a.ended_at < $5
    group by w.place`;
}

/** More end users than these are not looked for: those who spent the least are left out. */
const MOST_END_USERS = 100_000;

export interface EndUserSpend {
  readonly endUser: string;
  /** Decimal text, US dollars. */
  readonly spentUsd: string;
}

/** What the ledger says each end user spent in a window until then, whoever spent the most first. Rejects with Postgres's error. */
export async function spendOfEndUsers(db: Database, { model, startsAt }: Omit<SpendWindow, 'scope'>, until: Date): Promise<EndUserSpend[]> {
  const result = await db.pool.query<{ endUser: string; spent: string }>(
    `select a.end_user as "endUser", sum(a.total_usd)::text as spent
     from attempts a
     where a.end_user <> '' and ($1 = '' or a.model_group = $1)
       and a.accepted_at >= to_timestamp($2::float8 / 1000.0) - interval '1 day'
       and a.ended_at >= to_timestamp($2::float8 / 1000.0) and a.ended_at < $3
     group by a.end_user having sum(a.total_usd) > 0
     order by sum(a.total_usd) desc limit ${MOST_END_USERS}`,
    [model ?? '', startsAt, until],
  );
  return result.rows.map(({ endUser, spent }) => ({ endUser, spentUsd: spent }));
}
