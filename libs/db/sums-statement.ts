/**
 * SQL that adds rows of the ledger to its sums (`daily_spend`, `session_spend`): shared by the statement that writes new rows and the
 * one that makes the sums anew.
 */

const TOKENS = ['input_tokens', 'cache_read_tokens', 'cache_write_tokens', 'output_tokens', 'reasoning_tokens'];
/** What is taken from the job: the same for an estimate and for what replaces it. */
const SAME = [
  'accepted_at',
  'attempt',
  'delivery',
  'key_hash',
  'team_id',
  'user_id',
  'organization_id',
  'end_user',
  'session_id',
  'agent',
  'tags',
  'model_group',
  'provider',
  'route',
  'ended_at',
];
/** What an estimate may have said otherwise. */
const ESTIMATED = { model: 'text', total_usd: 'numeric', ...Object.fromEntries(TOKENS.map((name) => [name, 'bigint'])) };

/** Columns that `changedRows` reads. */
export const SUMMED_COLUMNS = [...SAME, ...Object.keys(ESTIMATED), 'status', 'superseded_estimate', 'estimate'].join(', ');

/** The estimate in the row called `held`, as JSON. */
export const ESTIMATE_OF_HELD = `jsonb_build_object(${Object.keys(ESTIMATED)
  .map((name) => `'${name}', held.${name}`)
  .join(', ')})`;

/** Rows of `source` as changes of the sums: each added, and the estimate it replaces taken back. */
export function changedRows(source: string, options: { readonly takeBack: boolean }): string {
  const added = `select 1 as sign, status, ${SAME.join(', ')}, ${Object.keys(ESTIMATED).join(', ')} from ${source}`;
  const fields = Object.entries(ESTIMATED).map(([name, type]) => `(estimate->>'${name}')::${type}`);
  const takenBack = `select -1, 'lost', ${SAME.join(', ')}, ${fields.join(', ')} from ${source} where superseded_estimate`;
  return options.takeBack ? `${added} union all ${takenBack}` : added;
}

const GRAIN = ['kind', 'name', 'key_hash', 'team_id', 'user_id', 'organization_id', 'model_group', 'model', 'provider', 'route'];
const SUMS: Readonly<Record<string, string>> = {
  spend_usd: 'coalesce(sum(sign * total_usd), 0)',
  attempts: 'sum(sign)',
  successes: `coalesce(sum(sign) filter (where status = 'success'), 0)`,
  unpriced: 'coalesce(sum(sign) filter (where total_usd is null), 0)',
  ...Object.fromEntries(TOKENS.map((name) => [name, `sum(sign * ${name})`])),
};
const SESSION_COLUMNS = ['team_id', 'organization_id', 'user_id', 'end_user', 'agent', 'models', 'first_at', 'last_at'];
const SESSION_SUMS: Readonly<Record<string, string>> = {
  spend_usd: 'coalesce(sum(sign * total_usd), 0)',
  attempts: 'sum(sign)',
  requests: 'coalesce(sum(sign) filter (where attempt = 1 and delivery = 1), 0)',
  failures: `coalesce(sum(sign) filter (where status <> 'success'), 0)`,
  unpriced: 'coalesce(sum(sign) filter (where total_usd is null), 0)',
  input_tokens: 'sum(sign * input_tokens)',
  output_tokens: 'sum(sign * output_tokens)',
};
const DAY = `(accepted_at at time zone 'UTC')::date`;

/**
 * Three common table expressions over one called `changed`. The rows of each table are sorted by their keys: two replicas take their locks
 * in the same order. A row's text is unambiguous, whatever its names hold; 16 bytes of its SHA-256 fit into any index.
 */
export const ADD_TO_SUMS = `
  spread as (
    select ${DAY} as day, one.*, model_group, model, provider, route, sign, status, total_usd, ${TOKENS.join(', ')}
    from changed cross join lateral (
      select 'total' as kind, '' as name, '' as key_hash, '' as team_id, '' as user_id, '' as organization_id
      union all
      select named.kind, named.name, changed.key_hash,
             coalesce(changed.team_id, ''), coalesce(changed.user_id, ''), coalesce(changed.organization_id, '')
      from (
        select 'key' as kind, changed.key_hash as name
        union all select 'customer', changed.end_user where changed.end_user is not null
        union all select 'agent', changed.agent where changed.agent is not null
        union all select distinct 'tag', tag from unnest(changed.tags) as tag where tag is not null
      ) as named
    ) as one
  ),
  summed as (
    select day, ${GRAIN.join(', ')}, ${Object.entries(SUMS)
      .map(([name, sum]) => `${sum} as ${name}`)
      .join(', ')}
    from spread group by day, ${GRAIN.join(', ')}
  ),
  days as (
    insert into daily_spend as held (day, grain, ${GRAIN.join(', ')}, ${Object.keys(SUMS).join(', ')})
    select day, encode(substr(sha256(convert_to(row(${GRAIN.join(', ')})::text, 'UTF8')), 1, 16), 'hex')::uuid, ${GRAIN.join(', ')}, ${Object.keys(SUMS).join(', ')}
    from summed
    order by kind, 1, 2
    on conflict (kind, day, grain) do update set ${addAll(Object.keys(SUMS))}
    returning 1
  ),
  sessions as (
    insert into session_spend as held (session_id, key_hash, day, ${SESSION_COLUMNS.join(', ')}, ${Object.keys(SESSION_SUMS).join(', ')})
    select session_id, key_hash, ${DAY}, max(team_id), max(organization_id), max(user_id), max(end_user), max(agent),
           array_agg(distinct model_group) filter (where sign > 0), min(accepted_at), max(ended_at), ${Object.values(SESSION_SUMS).join(', ')}
    from changed where session_id is not null
    group by session_id, key_hash, ${DAY}
    order by session_id, key_hash, 3
    on conflict (session_id, key_hash, day) do update set ${addAll(Object.keys(SESSION_SUMS))},
      ${['team_id', 'organization_id', 'user_id', 'end_user', 'agent'].map((name) => `${name} = coalesce(excluded.${name}, held.${name})`).join(', ')},
      first_at = least(held.first_at, excluded.first_at), last_at = greatest(held.last_at, excluded.last_at),
      models = case when held.models @> excluded.models then held.models
                    else array(select distinct unnest(held.models || excluded.models) order by 1) end
    returning 1
  )`;

function addAll(names: readonly string[]): string {
  return names.map((name) => `${name} = held.${name} + excluded.${name}`).join(', ');
}
