import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import type { AttemptEvent } from '#contracts';
import { applyAttempts, type Dimension, EVERYBODY, listSessions, type SumsQuery, sumSpend } from '#db';
import { attemptEvent } from './support/attempt-event.ts';
import { useLedger } from './support/use-ledger.ts';

const db = useLedger();

const ALL: Omit<SumsQuery, 'groups'> = { visible: EVERYBODY, filter: {} };
const COLUMNS: Record<string, string> = {
  key: 'key_hash',
  team: `coalesce(team_id, '')`,
  user: `coalesce(user_id, '')`,
  organization: `coalesce(organization_id, '')`,
  customer: 'end_user',
  agent: 'agent',
  tag: 'tag',
  model: 'model',
  model_group: 'model_group',
  provider: 'provider',
  route: 'route',
};

/** Sums by day and one name, made from the rows alone. */
async function byHand(dimension: string) {
  const column = COLUMNS[dimension];
  const from = dimension === 'tag' ? 'attempts, lateral (select distinct unnest(tags) as tag) as t' : 'attempts';
  const { rows } = await db.pool.query(`
    select to_char(accepted_at at time zone 'UTC', 'YYYY-MM-DD') as day, ${column} as name, coalesce(sum(total_usd), 0)::text as usd,
           count(*)::int as attempts, count(*) filter (where status = 'success')::int as successes,
           count(*) filter (where total_usd is null)::int as unpriced, sum(input_tokens)::int as input, sum(output_tokens)::int as output
    from ${from} where ${column} is not null group by 1, 2 order by 1, 2`);
  return rows;
}

async function reported(dimension: Dimension, query = ALL) {
  const sums = await sumSpend(db, { ...query, groups: [['day', dimension]] });
  return sums.map((sum) => ({
    day: sum.names.day,
    name: sum.names[dimension],
    usd: sum.spendUsd,
    attempts: sum.attempts,
    successes: sum.successes,
    unpriced: sum.unpriced,
    input: sum.inputTokens,
    output: sum.outputTokens,
  }));
}

const normal = (rows: { usd: string; day?: string | undefined; name?: string | undefined }[]) =>
  rows
    .map((row) => ({ ...row, usd: row.usd.replace(/\.?0+$/, '') || '0' }))
    .toSorted((one, other) => `${one.day} ${one.name}`.localeCompare(`${other.day} ${other.name}`));

async function expectSumsOfRows(): Promise<void> {
  for (const dimension of Object.keys(COLUMNS) as Dimension[]) {
    expect(normal(await reported(dimension)), dimension).toEqual(normal(await byHand(dimension)));
  }
}

let seed = 1;
const random = (below: number): number => {
  seed = (seed * 48_271) % 2_147_483_647;
  return seed % below;
};
const cost = (usd: string) => ({ inputUsd: usd, cacheReadUsd: '0', cacheWriteUsd: '0', outputUsd: '0', totalUsd: usd });

function randomEvent(): AttemptEvent {
  const key = random(4);
  const at = Date.UTC(2025, 5, 1 + random(3), random(24), 59, 59, 999);
  const by = {
    keyHash: `key-${key}`,
    ...(key > 0 ? { teamId: `team-${key % 2}`, userId: `user-${random(2)}`, organizationId: 'org' } : {}),
    ...(random(2) === 0 ? { endUser: `customer-${random(3)}`, agent: `agent-${random(2)}` } : {}),
    ...(random(3) > 0 ? { tags: [`t${random(2)}`, `t${random(3)}`], sessionId: `session-${random(4)}` } : {}),
  };
  const unpriced = random(6) === 0;
  const event = attemptEvent({
    job: `job-${random(60)}`,
    attempt: 1 + random(2),
    by,
    model: `m${random(3)}`,
    modelGroup: `g${random(2)}`,
    provider: `p${random(2)}`,
    acceptedAt: at,
    status: random(5) === 0 ? 'failure' : 'success',
    cost: unpriced ? undefined : cost(`0.0${random(1_000_000)}1`),
    priceSource: unpriced ? 'unknown' : 'config',
  });
  return random(5) === 0 ? { ...event, status: 'lost', model: '' } : event;
}

describe('the sums are those of the rows', () => {
  test('after any mixture of events, their repeats, estimates and what replaces them, from replicas at the same time', async () => {
    const events = Array.from({ length: 400 }, randomEvent);
    const lost = events.filter(({ status }) => status === 'lost');
    const real = lost
      .filter((_event, at) => at % 3 > 0)
      .map((event) => ({ ...event, status: 'success' as const, model: 'm1', cost: cost('0.5') }));
    const batches = Array.from({ length: 12 }, () => Array.from({ length: 80 }, () => [...events, ...real][random(400 + real.length)]!));
    await Promise.all([...batches, events, real, [...real, ...lost]].map((batch) => applyAttempts(db, batch)));
    expect((await db.pool.query('select count(*)::int as rows from attempts where superseded_estimate')).rows[0].rows).toBeGreaterThan(0);
    await expectSumsOfRows();
  });

  test.each([
    ['the estimate first', (lost: AttemptEvent, real: AttemptEvent) => [[lost], [real]]],
    ['the real one first', (lost: AttemptEvent, real: AttemptEvent) => [[real], [lost]]],
    ['both at once', (lost: AttemptEvent, real: AttemptEvent) => [[lost, real]]],
  ])('an estimate that is replaced is in no sum: %s', async (_order, batches) => {
    const by = { keyHash: 'k', sessionId: 's', tags: ['a', 'a'] };
    const real = attemptEvent({ job: randomUUID(), by, cost: cost('0.25') });
    for (const batch of batches({ ...real, status: 'lost', model: '', cost: cost('0.9') }, real)) await applyAttempts(db, batch);
    await expectSumsOfRows();
    const [session] = await listSessions(db, { visible: EVERYBODY, filter: {}, order: 'spend', limit: 9, offset: 0 });
    expect(session).toMatchObject({ spendUsd: '0.25', attempts: 1, requests: 1, failures: 0, inputTokens: 40 });
  });

  test('a refused batch leaves neither rows nor sums', async () => {
    const bad = attemptEvent({ cost: cost('NaN') });
    await expect(applyAttempts(db, [attemptEvent(), bad])).rejects.toThrow('attempts_usd_finite');
    expect((await db.pool.query('select count(*)::int as rows from daily_spend')).rows).toEqual([{ rows: 0 }]);
  });

  test('names that hold separators, quotes or nothing stay apart', async () => {
    const names = ['a', 'a,', '"a"', 'a","b', '(a)', '', ' ', '\u001f', "'; drop table attempts; --"];
    await applyAttempts(
      db,
      names.flatMap((userId) => names.map((teamId) => attemptEvent({ by: { keyHash: 'k', userId, teamId, endUser: userId } }))),
    );
    await expectSumsOfRows();
    expect((await db.pool.query(`select count(*)::int as rows from daily_spend where kind = 'key'`)).rows).toEqual([{ rows: 81 }]);
  });
});

describe('what is asked for decides where it is summed, not what the answer is', () => {
  beforeEach(async () => {
    await applyAttempts(db, Array.from({ length: 200 }, randomEvent));
  });

  test.each([
    ['a key', { keyHashes: ['key-1'] }],
    ['several teams', { teamIds: ['team-0', 'team-1'] }],
    ['all but a team', { notTeamIds: ['team-1'] }],
    ['a user and a model', { userIds: ['user-1'], models: ['m1'] }],
    ['an end user', { endUsers: ['customer-1'] }],
    ['an agent and a tag, which only rows know together', { agents: ['agent-1'], tags: ['t1'] }],
    ['any of several tags, each attempt once', { tags: ['t0', 't1'] }],
    ['nothing', { keyHashes: [] }],
  ])('%s: from sums as from rows', async (_name, filter) => {
    const range = { from: new Date('2025-06-01T00:00:00Z'), until: new Date('2025-06-03T00:00:00Z') };
    // a range that ends a millisecond later is no whole day, so that the rows are summed; there are none in that millisecond
    const askew = { ...range, until: new Date('2025-06-03T00:00:00.001Z') };
    for (const dimension of ['model', 'key', 'provider'] as const) {
      const fromSums = await reported(dimension, { ...ALL, filter, ...range });
      expect(normal(fromSums), dimension).toEqual(normal(await reported(dimension, { ...ALL, filter, ...askew })));
    }
  });

  test('a day in another time zone has its own hours', async () => {
    await db.pool.query('truncate attempts, daily_spend, session_spend');
    const at = (text: string) => attemptEvent({ acceptedAt: Date.parse(text) });
    await applyAttempts(db, [at('2025-03-30T21:59:00Z'), at('2025-03-30T22:00:00Z'), at('2025-03-31T21:59:00Z')]);
    const days = await sumSpend(db, { ...ALL, timeZone: 'Europe/Berlin', groups: [['day']] });
    expect(days.map(({ names, attempts }) => [names.day, attempts])).toEqual([
      ['2025-03-30', 1],
      ['2025-03-31', 2],
    ]);
  });

  test('nobody sees what is not theirs, in sums, rows and sessions', async () => {
    const visible = { all: false, keyHashes: ['key-0'], teamIds: ['team-1'] } as const;
    const keys = await sumSpend(db, { visible, filter: {}, groups: [['key', 'team']] });
    expect(keys.every(({ names }) => names.key === 'key-0' || names.team === 'team-1')).toBe(true);
    expect(keys.length).toBeGreaterThan(1);
    expect(await sumSpend(db, { visible: { all: false }, filter: {}, groups: [['day']] })).toEqual([]);
    const sessions = await listSessions(db, { visible, filter: {}, order: 'spend', limit: 100, offset: 0 });
    expect(sessions.every(({ keyHash, teamId }) => keyHash === 'key-0' || teamId === 'team-1')).toBe(true);
  });
});
