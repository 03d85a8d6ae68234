import { type SQL, sql } from './drizzle.ts';
import type { Database } from './pool.ts';
import { allOf, isOneOf, type NameFilter, namedRows, type SpendVisibility, visibleRows } from './spend-filter.ts';
import { matching } from './spend-log.ts';

/** What sums can be told apart by. */
const DIMENSIONS = [
  'day',
  'key',
  'team',
  'user',
  'organization',
  'customer',
  'agent',
  'tag',
  'model',
  'model_group',
  'provider',
  'route',
] as const;
export type Dimension = (typeof DIMENSIONS)[number];

export interface SumsQuery {
  readonly visible: SpendVisibility;
  readonly filter: NameFilter;
  /** Acceptance of the job, from (included) and until (not included). Any but whole days of UTC are summed from the rows themselves. */
  readonly from?: Date | undefined;
  readonly until?: Date | undefined;
  /** Where days begin and end, an IANA name; UTC unless given. */
  readonly timeZone?: string | undefined;
  /** Only attempts that have a name of this kind: those of a team, with a tag … One with two tags counts twice. */
  readonly named?: Exclude<Dimension, 'day'> | undefined;
  /** Each list of dimensions is summed by itself: `[['day'], ['day', 'model']]`. */
  readonly groups: readonly (readonly Dimension[])[];
}

/** Sums of one group: its dimensions are set, all others null. An empty name stands for attempts without one. */
export type SpendSum = {
  /** Which of the query's `groups` it belongs to. */
  readonly group: number;
  readonly names: Readonly<Partial<Record<Dimension, string>>>;
  /** Exact decimal text, US dollars. */
  readonly spendUsd: string;
  readonly attempts: number;
  readonly successes: number;
  /** Attempts whose price is not known: their cost is not in `spendUsd`. */
  readonly unpriced: number;
  readonly inputTokens: number;
  readonly cacheReadTokens: number;
  readonly cacheWriteTokens: number;
  readonly outputTokens: number;
  readonly reasoningTokens: number;
};

const COLUMN_OF: Readonly<Record<Dimension, string>> = {
  day: 'day',
  key: 'key_hash',
  team: 'team_id',
  user: 'user_id',
  organization: 'organization_id',
  customer: 'name',
  agent: 'name',
  tag: 'name',
  model: 'model',
  model_group: 'model_group',
  provider: 'provider',
  route: 'route',
};

/**
 * Sums in exact decimals, made by Postgres: from the daily sums where they can tell it, else from the rows. The order is that of
 * the groups, then of the names.
 */
export async function sumSpend(db: Database, query: SumsQuery): Promise<SpendSum[]> {
  const used = new Set(query.groups.flat());
  const needed = new Set(query.named === undefined ? used : [...used, query.named]);
  const kind = kindOf(query, needed);
  const source = kind === undefined || !hasWholeDays(query) ? ledgerSource(query, needed) : dailySource(query, kind);
  const columns = [...used].map((dimension) => COLUMN_OF[dimension]);
  const sets = query.groups.map((group) => `(${group.map((dimension) => COLUMN_OF[dimension]).join(', ')})`);
  const { rows } = await db.orm.execute<RawSum>(sql`
    select ${sql.raw([...columns.map((column) => (column === 'day' ? `to_char(day, 'YYYY-MM-DD') as day` : column))].join(', '))}
           ${sql.raw(columns.length > 0 ? ',' : '')}
           ${sql.raw(columns.length > 0 ? `grouping(${columns.join(', ')})` : '0')}::int as absent,
           coalesce(sum(spend_usd), 0)::text as spend_usd, ${sql.raw(COUNTS.map((name) => `coalesce(sum(${name}), 0)::float8 as ${name}`).join(', '))}
    from ${source} as summed where ${query.named === undefined ? sql`true` : sql`${sql.raw(COLUMN_OF[query.named])} <> ''`}
    group by grouping sets (${sql.raw(sets.join(', '))})
    order by ${sql.raw([...columns.map((column) => `summed.${column}`), '1'].join(', '))}`);
  return rows.map((row) => toSum(row, query.groups, [...used]));
}

type RawSum = Record<string, string | number | null> & { readonly absent: number; readonly spend_usd: string };

const COUNTS = [
  'attempts',
  'successes',
  'unpriced',
  'input_tokens',
  'cache_read_tokens',
  'cache_write_tokens',
  'output_tokens',
  'reasoning_tokens',
];

type Kind = 'total' | 'key' | 'customer' | 'agent' | 'tag';

/** The smallest of the daily sums that knows all that is asked for; undefined when none does. */
function kindOf({ filter, visible }: SumsQuery, used: ReadonlySet<Dimension>): Kind | undefined {
  const named: Kind[] = [];
  if (used.has('customer') || filter.endUsers) named.push('customer');
  if (used.has('agent') || filter.agents) named.push('agent');
  if (used.has('tag') || filter.tags) named.push('tag');
  if (named.length > 1) return undefined;
  // an attempt counts in the sums of each of its tags: what has one of several is only told by the rows
  if (filter.tags && !used.has('tag') && filter.tags.length > 1) return undefined;
  if (named[0] !== undefined) return named[0];
  const byCaller = filter.keyHashes ?? filter.teamIds ?? filter.notTeamIds ?? filter.userIds ?? filter.organizationIds;
  const needsKey = byCaller !== undefined || !visible.all || KEY_DIMENSIONS.some((dimension) => used.has(dimension));
  return needsKey ? 'key' : 'total';
}

const KEY_DIMENSIONS: readonly Dimension[] = ['key', 'team', 'user', 'organization'];

function dailySource(query: SumsQuery, kind: Kind): SQL {
  const { filter, from, until } = query;
  const names = { total: undefined, key: undefined, customer: filter.endUsers, agent: filter.agents, tag: filter.tags }[kind];
  const conditions = [
    // what is 0 was an estimate that was taken back
    sql`kind = ${kind} and attempts <> 0`,
    names && isOneOf('name', names),
    // the index of names has the hashes of keys too
    kind === 'key' && filter.keyHashes ? isOneOf('name', filter.keyHashes) : undefined,
    ...namedRows(filter),
    visibleRows(query.visible),
    from && sql`day >= ${dayOf(from)}::date`,
    until && sql`day < ${dayOf(until)}::date`,
  ];
  return sql`(select * from daily_spend where ${allOf(conditions)})`;
}

/** Rows in the form of daily sums. A tag makes a row of its own of each attempt only where tags are told apart. */
function ledgerSource(query: SumsQuery, used: ReadonlySet<Dimension>): SQL {
  const zone = query.timeZone ?? 'UTC';
  const tags = used.has('tag') ? sql`cross join lateral (select distinct unnest(tags) as tag) as each_tag` : sql``;
  const name = used.has('customer') ? 'end_user' : used.has('agent') ? 'agent' : used.has('tag') ? 'tag' : `''::text`;
  const conditions = [
    matching({ ...query.filter, visible: query.visible, from: query.from, until: query.until }),
    used.has('customer') ? sql`end_user is not null` : undefined,
    used.has('agent') ? sql`agent is not null` : undefined,
    used.has('tag') && query.filter.tags ? isOneOf('tag', query.filter.tags) : undefined,
  ];
  return sql`(
    select (accepted_at at time zone ${zone})::date as day, ${sql.raw(name)} as name, key_hash, coalesce(team_id, '') as team_id,
           coalesce(user_id, '') as user_id, coalesce(organization_id, '') as organization_id, model, model_group, provider, route,
           total_usd as spend_usd, 1 as attempts, (status = 'success')::int as successes, (total_usd is null)::int as unpriced,
           input_tokens, cache_read_tokens, cache_write_tokens, output_tokens, reasoning_tokens
    from attempts ${tags} where ${allOf(conditions)})`;
}

const DAY_MS = 86_400_000;

function hasWholeDays({ timeZone, from, until }: SumsQuery): boolean {
  const isMidnight = (time: Date | undefined): boolean => time === undefined || time.getTime() % DAY_MS === 0;
  return (timeZone === undefined || timeZone === 'UTC') && isMidnight(from) && isMidnight(until);
}

function dayOf(time: Date): string {
  return time.toISOString().slice(0, 10);
}

function toSum(row: RawSum, groups: SumsQuery['groups'], used: readonly Dimension[]): SpendSum {
  // `grouping` has one bit for each column, the first one highest, set where the column is not part of the group
  const present = used.filter((_dimension, at) => ((row.absent >> (used.length - 1 - at)) & 1) === 0);
  const group = groups.findIndex((dimensions) => dimensions.length === present.length && dimensions.every((one) => present.includes(one)));
  const names = Object.fromEntries(present.map((dimension) => [dimension, String(row[COLUMN_OF[dimension]] ?? '')]));
  const count = (name: string): number => Number(row[name] ?? 0);
  return {
    group,
    names,
    spendUsd: row.spend_usd,
    attempts: count('attempts'),
    successes: count('successes'),
    unpriced: count('unpriced'),
    inputTokens: count('input_tokens'),
    cacheReadTokens: count('cache_read_tokens'),
    cacheWriteTokens: count('cache_write_tokens'),
    outputTokens: count('output_tokens'),
    reasoningTokens: count('reasoning_tokens'),
  };
}

/** What keys have cost in all, by hash; a key without attempts is not in the map. */
export async function spendOfKeys(db: Database, hashes: readonly string[]): Promise<ReadonlyMap<string, string>> {
  if (hashes.length === 0) return new Map();
  const sums = await sumSpend(db, { visible: { all: true }, filter: { keyHashes: hashes }, groups: [['key']] });
  return new Map(sums.map((sum) => [sum.names.key ?? '', sum.spendUsd]));
}
