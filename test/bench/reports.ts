/**
 * How long reports take over a full ledger: `node test/bench/reports.ts [rows]`, 10 million unless given. Fills a Postgres of its own, which takes
 * some minutes and 12 GB, and throws it away.
 */
import { createPool, type Database, EVERYBODY, listAttempts, listSessions, makePartitions, migrate, pageOfAttempts, sumSpend } from '#db';
import { startPostgres } from '../../libs/testing/start-postgres.ts';
import { ADD_TO_SUMS, changedRows } from '../../libs/db/sums-statement.ts';
import { activityGroups } from '../../services/admin/reports/activity-view.ts';
import { DAILY_GROUPS } from '../../services/admin/spend/daily-view.ts';
import { summarize } from './percentile.ts';
import { table } from './table.ts';

const ROWS = Number(process.argv[2] ?? 10_000_000);
const MONTHS = 6;
const KEYS = 2_000;
const CALLS_OF_SESSION = 50;
const ROUNDS = 40;
const FIRST = new Date('2026-01-01T00:00:00Z');
const END = new Date('2026-07-01T00:00:00Z');
const LAST_30_DAYS = { from: new Date('2026-06-01T00:00:00Z'), until: END };
const LAST_DAY = { from: new Date('2026-06-30T00:00:00Z'), until: END };

async function fill(db: Database): Promise<void> {
  const startedAt = performance.now();
  await makePartitions(db, { now: FIRST, ahead: MONTHS - 1 });
  const indexes = await dropIndexes(db);
  for (let month = 0; month < MONTHS; month += 1) {
    const from = new Date(Date.UTC(2026, month, 1));
    const until = new Date(Date.UTC(2026, month + 1, 1));
    await db.pool.query(FILL, [from, until, Math.round(ROWS / MONTHS), month * Math.round(ROWS / MONTHS)]);
    const rows = `(select * from attempts where accepted_at >= '${from.toISOString()}' and accepted_at < '${until.toISOString()}') as rows`;
    await db.pool.query(`with changed as (${changedRows(rows, { takeBack: false })}), ${ADD_TO_SUMS} select`);
    say(`month ${month + 1} of ${MONTHS} after ${Math.round((performance.now() - startedAt) / 1_000)} s`);
  }
  for (const index of indexes) await db.pool.query(index);
  await db.pool.query('vacuum analyze');
  const { rows } = await db.pool
    .query(`select (select count(*) from attempts) as attempts, (select count(*) from daily_spend) as daily_spend,
    (select count(*) from session_spend) as session_spend, pg_size_pretty(pg_database_size(current_database())) as size`);
  say(`filled in ${Math.round((performance.now() - startedAt) / 1_000)} s: ${JSON.stringify(rows[0])}`);
}

/** Made again once the rows are there, which takes a fraction of the time. */
async function dropIndexes(db: Database): Promise<string[]> {
  const { rows } = await db.pool.query(
    `select indexname as name, indexdef as sql from pg_indexes where tablename = 'attempts' and indexname not like '%_pk'`,
  );
  for (const { name } of rows) await db.pool.query(`drop index "${name}"`);
  // of the parent alone ("on only"), an index would stay without its parts
  return rows.map(({ sql }) => String(sql).replace(' ON ONLY ', ' ON '));
}

/** $1 from, $2 until, $3 rows, $4 the number of the first. A session's calls follow each other, a key has two models. */
const FILL = `
  insert into attempts (accepted_at, job_id, attempt, delivery, status, key_hash, team_id, organization_id, user_id, end_user, session_id, agent, tags,
    lane, tier, stream, route, requested_model, model_group, deployment_id, provider, model, input_tokens, cache_read_tokens, cache_write_tokens,
    cache_write_1h_tokens, output_tokens, reasoning_tokens, input_audio_tokens, output_audio_tokens, usage_estimated, input_usd, output_usd,
    total_usd, price_source, started_at, ended_at)
  select at, 'job-' || n, 1, 1, case when n % 50 = 0 then 'failure' else 'success' end,
    lpad(key::text, 64, 'a'), 'team-' || key % 50, 'organization-' || key % 5, 'user-' || key % 400,
    case when n % 3 = 0 then 'customer-' || n % 20000 end, 'session-' || session, 'agent-' || key % 20, array['tag-' || key % 10],
    'live', 'standard', true, '/v1/chat/completions', 'group-' || model, 'group-' || model, 'deployment-' || model, 'provider-' || model % 4,
    'model-' || model, 1000 + n % 5000, n % 500, 0, 0, n % 1000, 0, 0, 0, false, 0.001, usd, 0.001 + usd, 'config', at, at + interval '2 s'
  from (
    select $4::bigint + i as n, $1::timestamptz + ($2::timestamptz - $1::timestamptz) * (i::float8 / $3) as at,
      ($4::bigint + i) / ${CALLS_OF_SESSION} as session, (($4::bigint + i) / ${CALLS_OF_SESSION}) * 7919 % ${KEYS} as key,
      ((($4::bigint + i) / ${CALLS_OF_SESSION}) * 7919 % ${KEYS}) % 4 * 2 + i % 2 as model, (i % 977)::numeric / 10000 as usd
    from generate_series(0, $3::int - 1) as i
  ) as rows`;

async function measure(db: Database): Promise<void> {
  const key = (round: number) => String((round * 37) % KEYS).padStart(64, 'a');
  const session = (round: number) => `session-${Math.floor((round * 7_919) % (ROWS / CALLS_OF_SESSION))}`;
  const sums = { visible: EVERYBODY, filter: {} };
  const sessions = { visible: EVERYBODY, filter: {}, limit: 51, offset: 0, order: 'spend' as const };
  const days30 = { fromDay: '2026-06-01', untilDay: '2026-06-30' };
  const middle = { acceptedAt: new Date('2026-03-15T12:00:00Z'), jobId: 'job-', attempt: 1, delivery: 1 };
  const reports: Record<string, (round: number) => Promise<unknown>> = {
    'sessions: the dearest of 30 days': () => listSessions(db, { ...sessions, ...days30, minUsd: '2' }),
    'sessions: the dearest of a day': () => listSessions(db, { ...sessions, fromDay: '2026-06-30' }),
    'sessions: one, by its id': (round) => listSessions(db, { ...sessions, sessionId: session(round) }),
    "rows: a session's": (round) => listAttempts(db, { visible: EVERYBODY, sessionId: session(round) }, { limit: 1_000 }),
    'key: by day and model, 6 months': (round) =>
      sumSpend(db, { ...sums, filter: { keyHashes: [key(round)] }, groups: [['day'], ['day', 'model']] }),
    'key: spend in all': (round) => sumSpend(db, { ...sums, filter: { keyHashes: [key(round)] }, groups: [['key']] }),
    "rows: a key's first page, with total": (round) =>
      pageOfAttempts(db, { visible: EVERYBODY, keyHashes: [key(round)] }, { page: 1, size: 50, order: 'startTime', ascending: false }),
    "rows: a key's page by cursor, half way": (round) =>
      listAttempts(db, { visible: EVERYBODY, keyHashes: [key(round)] }, { limit: 50, after: middle }),
    'rows: first page of all, with total': () =>
      pageOfAttempts(db, { visible: EVERYBODY }, { page: 1, size: 50, order: 'startTime', ascending: false }),
    'rows: of a tag, newest': (round) => listAttempts(db, { visible: EVERYBODY, tags: [`tag-${round % 10}`] }, { limit: 50 }),
    'days: totals, 6 months': () => sumSpend(db, { ...sums, groups: [['day'], ['day', 'model']] }),
    'days: by user, model and key, a day': () => sumSpend(db, { ...sums, ...LAST_DAY, groups: DAILY_GROUPS }),
    'days: by user, model and key, 30 days': () => sumSpend(db, { ...sums, ...LAST_30_DAYS, groups: DAILY_GROUPS }),
    'days: activity of a team, 30 days': (round) =>
      sumSpend(db, {
        ...sums,
        ...LAST_30_DAYS,
        filter: { teamIds: [`team-${round % 50}`] },
        named: 'team',
        groups: activityGroups('team'),
      }),
    'teams: spend, 30 days': () => sumSpend(db, { ...sums, ...LAST_30_DAYS, groups: [['team']] }),
    'keys: spend, 30 days': () => sumSpend(db, { ...sums, ...LAST_30_DAYS, groups: [['key']] }),
    'providers: spend, 6 months': () => sumSpend(db, { ...sums, groups: [['provider']] }),
    'tags: spend, 30 days': () => sumSpend(db, { ...sums, ...LAST_30_DAYS, groups: [['tag']] }),
    'end user: by day, 6 months': (round) =>
      sumSpend(db, { ...sums, filter: { endUsers: [`customer-${(round * 3) % 20_000}`] }, groups: [['day', 'customer']] }),
  };
  const lines: string[][] = [];
  for (const [name, run] of Object.entries(reports)) {
    const times: number[] = [];
    for (let round = 0; round < ROUNDS + 3; round += 1) {
      const startedAt = performance.now();
      await run(round);
      if (round >= 3) times.push(performance.now() - startedAt);
    }
    const { p50, max } = summarize(times);
    const p95 = times.toSorted((one, other) => one - other)[Math.floor(ROUNDS * 0.95)] ?? max;
    lines.push([name, p50.toFixed(1), p95.toFixed(1), max.toFixed(1)]);
  }
  say(table(['report', 'p50 ms', 'p95 ms', 'max ms'], lines));
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

const postgres = await startPostgres();
try {
  await migrate(postgres.url);
  await withPool("alter role current_user set work_mem = '512MB'", () => Promise.resolve());
  await withPool('select', fill);
  // reports are measured with the server's usual settings
  await withPool('alter role current_user reset work_mem', () => Promise.resolve());
  await withPool('select', measure);
} finally {
  await postgres.remove();
}

async function withPool(first: string, work: (db: Database) => Promise<void>): Promise<void> {
  const db = createPool(postgres.url, { max: 4, queryTimeoutMs: 1_800_000 });
  await db.pool.query(first);
  await work(db);
  await db.close();
}
