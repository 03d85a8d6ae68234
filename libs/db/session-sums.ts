import { sql } from './drizzle.ts';
import type { Database } from './pool.ts';
import { allOf, isOneOf, type NameFilter, namedRows, type SpendVisibility, visibleRows } from './spend-filter.ts';

export const SESSION_ORDERS = ['spend', 'last_at', 'requests', 'tokens'] as const;
export type SessionOrder = (typeof SESSION_ORDERS)[number];

export interface SessionQuery {
  readonly visible: SpendVisibility;
  /** Of these, keys, teams, users, organizations, end users and agents. */
  readonly filter: Pick<NameFilter, 'keyHashes' | 'teamIds' | 'userIds' | 'organizationIds' | 'endUsers' | 'agents'>;
  readonly sessionId?: string | undefined;
  /** UTC days, `YYYY-MM-DD`, both included. */
  readonly fromDay?: string | undefined;
  readonly untilDay?: string | undefined;
  /** Decimal text, US dollars. */
  readonly minUsd?: string | undefined;
  readonly order: SessionOrder;
  readonly limit: number;
  readonly offset: number;
}

/** A session's calls within the days asked for, of one key. */
export type SessionSum = {
  readonly sessionId: string;
  readonly keyHash: string;
  readonly keyAlias: string | null;
  readonly teamId: string | null;
  readonly organizationId: string | null;
  readonly userId: string | null;
  readonly endUser: string | null;
  readonly agent: string | null;
  readonly models: readonly string[];
  /** ISO 8601. */
  readonly firstAt: string;
  readonly lastAt: string;
  readonly spendUsd: string;
  readonly requests: number;
  readonly attempts: number;
  readonly failures: number;
  readonly unpriced: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
};

const ORDERED_BY: Readonly<Record<SessionOrder, string>> = {
  spend: 'spend_usd',
  last_at: 'last_at',
  requests: 'requests',
  tokens: 'tokens',
};

/** Sessions, the dearest (or latest, or busiest) first. */
export async function listSessions(db: Database, query: SessionQuery): Promise<SessionSum[]> {
  const { filter } = query;
  const where = allOf([
    visibleRows(query.visible),
    ...namedRows(filter),
    filter.endUsers && isOneOf('end_user', filter.endUsers),
    filter.agents && isOneOf('agent', filter.agents),
    query.sessionId === undefined ? undefined : isOneOf('session_id', [query.sessionId]),
    query.fromDay === undefined ? undefined : sql`day >= ${query.fromDay}::date`,
    query.untilDay === undefined ? undefined : sql`day <= ${query.untilDay}::date`,
  ]);
  const having = query.minUsd === undefined ? sql`` : sql`having sum(spend_usd) >= ${query.minUsd}::numeric`;
  const { rows } = await db.orm.execute<SessionSum>(sql`
    with found as (
      select session_id, key_hash, sum(spend_usd) as spend_usd, max(last_at) as last_at, sum(requests) as requests,
             sum(input_tokens) + sum(output_tokens) as tokens
      from session_spend where ${where}
      group by session_id, key_hash ${having}
      order by ${sql.raw(ORDERED_BY[query.order])} desc, session_id, key_hash
      limit ${query.limit} offset ${query.offset}
    )
    select found.session_id as "sessionId", found.key_hash as "keyHash", virtual_keys.alias as "keyAlias", detail.*,
           to_char(found.last_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "lastAt",
           found.spend_usd::text as "spendUsd", found.requests::float8 as requests
    from found left join virtual_keys on virtual_keys.hash = found.key_hash
    cross join lateral (
      select (array_agg(team_id order by day desc))[1] as "teamId", (array_agg(organization_id order by day desc))[1] as "organizationId",
             (array_agg(user_id order by day desc))[1] as "userId", (array_agg(end_user order by day desc))[1] as "endUser",
             (array_agg(agent order by day desc))[1] as "agent",
             to_char(min(first_at) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "firstAt",
             sum(attempts)::float8 as attempts, sum(failures)::float8 as failures, sum(unpriced)::float8 as unpriced,
             sum(input_tokens)::float8 as "inputTokens", sum(output_tokens)::float8 as "outputTokens",
             (select array_agg(distinct model order by model) from session_spend, unnest(models) as model
              where session_id = found.session_id and key_hash = found.key_hash and ${where}) as models
      from session_spend where session_id = found.session_id and key_hash = found.key_hash and ${where}
    ) as detail
    order by found.${sql.raw(ORDERED_BY[query.order])} desc, 1, 2`);
  return rows;
}
