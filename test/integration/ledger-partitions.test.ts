import { readdir, readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import {
  applyAttempts,
  createPool,
  type Database,
  dropPartitions,
  EVERYBODY,
  listPartitions,
  makePartitions,
  migrate,
  sumSpend,
} from '#db';
import { startPostgres, type TestPostgres } from '#testing';
import { attemptEvent } from './support/attempt-event.ts';
import { useLedger } from './support/use-ledger.ts';

const db = useLedger({
  clear: async (ledger) => {
    for (const { name } of await listPartitions(ledger)) await ledger.pool.query(`drop table "${name}"`);
  },
});

const acceptedIn = (month: string) => attemptEvent({ acceptedAt: Date.parse(`${month}-15T12:00:00Z`) });
const whereRowsAre = async () =>
  (await db.pool.query(`select tableoid::regclass::text as part, count(*)::int as rows from attempts group by 1 order by 1`)).rows;
const names = async () => (await listPartitions(db)).map(({ name }) => name);

test('partitions of this month and those ahead are made once, also by replicas at the same time', async () => {
  const options = { now: new Date('2026-11-30T23:59:59Z'), ahead: 2 };
  const made = await Promise.all([makePartitions(db, options), makePartitions(db, options), makePartitions(db, options)]);
  expect(made.flat()).toEqual(['attempts_2026_11', 'attempts_2026_12', 'attempts_2027_01']);
  expect(await listPartitions(db)).toMatchObject([
    { from: new Date('2026-11-01T00:00:00Z'), until: new Date('2026-12-01T00:00:00Z') },
    { from: new Date('2026-12-01T00:00:00Z') },
    { until: new Date('2027-02-01T00:00:00Z') },
  ]);
});

test('an event of a month without partition is booked all the same, moves when the partition is made, and still counts once', async () => {
  const events = [acceptedIn('2026-12'), acceptedIn('2026-12'), acceptedIn('2027-03')];
  await applyAttempts(db, events);
  expect(await whereRowsAre()).toEqual([{ part: 'attempts_default', rows: 3 }]);
  await makePartitions(db, { now: new Date('2026-12-01T00:00:00Z'), ahead: 0 });
  expect(await whereRowsAre()).toEqual([
    { part: 'attempts_2026_12', rows: 2 },
    { part: 'attempts_default', rows: 1 },
  ]);
  expect(await applyAttempts(db, events)).toMatchObject({ inserted: 0, duplicates: 3 });
});

test('events are booked while partitions are made: none is lost, none counts twice', async () => {
  const months = ['2026-12', '2027-01', '2027-02', '2027-03', '2027-04', '2027-05'];
  const events = Array.from({ length: 120 }, (_, at) => acceptedIn(months[at % months.length] ?? ''));
  const writing = Promise.all(events.map((event) => applyAttempts(db, [event])));
  for (const month of months) await makePartitions(db, { now: new Date(`${month}-01T00:00:00Z`), ahead: 0 });
  await writing;
  expect((await db.pool.query('select count(*)::int as rows from attempts')).rows).toEqual([{ rows: 120 }]);
  expect(await applyAttempts(db, events)).toMatchObject({ inserted: 0, duplicates: 120 });
});

test('what is older than the retention goes by whole months; its sums stay', async () => {
  await makePartitions(db, { now: new Date('2026-10-01T00:00:00Z'), ahead: 2 });
  await applyAttempts(db, [acceptedIn('2026-08'), acceptedIn('2026-10'), acceptedIn('2026-11'), acceptedIn('2026-12')]);
  expect(await dropPartitions(db, { before: new Date('2026-11-20T00:00:00Z') })).toEqual(['attempts_2026_10']);
  expect(await names()).toEqual(['attempts_2026_11', 'attempts_2026_12']);
  expect(await whereRowsAre()).toEqual([
    { part: 'attempts_2026_11', rows: 1 },
    { part: 'attempts_2026_12', rows: 1 },
  ]);
  expect((await db.pool.query(`select sum(attempts)::int as attempts from daily_spend where kind = 'total'`)).rows).toEqual([
    { attempts: 4 },
  ]);
});

test('a ledger from before there were partitions and sums keeps its rows, gets its sums, and goes on counting each attempt once', async () => {
  const postgres: TestPostgres = await startPostgres();
  const old = createPool(postgres.url, { max: 2 });
  try {
    for (const name of (await readdir('drizzle')).filter((file) => /^000[01]_/.test(file)).toSorted()) {
      for (const statement of (await readFile(`drizzle/${name}`, 'utf8')).split('--> statement-breakpoint'))
        await old.pool.query(statement);
    }
    await old.pool.query(
      `insert into attempts (accepted_at, job_id, attempt, delivery, status, key_hash, lane, tier, stream, route, requested_model, model_group,
         deployment_id, provider, model, input_tokens, cache_read_tokens, cache_write_tokens, cache_write_1h_tokens, output_tokens, reasoning_tokens,
         input_audio_tokens, output_audio_tokens, usage_estimated, total_usd, price_source, started_at, ended_at, session_id)
       select now() - n * interval '20 days', 'job-' || n, 1, 1, 'success', 'k', 'live', 's', false, '/v1/chat/completions', 'm', 'g', 'd', 'p', 'm',
         1, 0, 0, 0, 2, 0, 0, 0, false, 0.01, 'config', now(), now(), 'session' from generate_series(0, 9) n`,
    );
    await adoptMigrations(old, 2);
    await migrate(postgres.url);
    const { rows } = await old.pool.query(`select count(*)::int as rows, sum(total_usd)::text as usd from attempts`);
    expect(rows).toEqual([{ rows: 10, usd: '0.10' }]);
    expect((await listPartitions(old)).map(({ name }) => name)).toEqual(['attempts_old']);
    expect(await sumSpend(old, { visible: EVERYBODY, filter: {}, groups: [[]] })).toMatchObject([{ attempts: 10, spendUsd: '0.10' }]);
    expect((await old.pool.query(`select sum(spend_usd)::text as usd, sum(requests)::int as requests from session_spend`)).rows).toEqual([
      { usd: '0.10', requests: 10 },
    ]);
    await makePartitions(old, { now: new Date(), ahead: 1 });
    expect(await listPartitions(old)).toHaveLength(2);
  } finally {
    await old.close();
    await postgres.remove();
  }
}, 60_000);

/** Tells the database that its first migrations were applied by an older version. */
async function adoptMigrations(old: Database, count: number): Promise<void> {
  const { entries } = JSON.parse(await readFile('drizzle/meta/_journal.json', 'utf8'));
  await old.pool.query('create schema drizzle');
  await old.pool.query('create table drizzle.__drizzle_migrations (id serial primary key, hash text not null, created_at bigint)');
  for (const { when } of entries.slice(0, count))
    await old.pool.query(`insert into drizzle.__drizzle_migrations (hash, created_at) values ('-', $1)`, [when]);
}
