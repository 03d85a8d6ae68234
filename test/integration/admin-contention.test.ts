import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Database, holdScope, lockScopes, transact } from '#db';
import { type AdminUnderTest, startAdmin } from './support/admin.ts';

let admin: AdminUnderTest;
beforeAll(async () => {
  admin = await startAdmin();
  // how long Postgres waits before it looks for a deadlock: a second by default
  await admin.db.pool.query(`alter system set deadlock_timeout = '20ms'`);
  await admin.db.pool.query('select pg_reload_conf()');
}, 30_000);
afterAll(() => admin?.remove());

const post = (path: string, body: object) => admin.call(path, { body });

describe('changes that meet', () => {
  test('keys of a team that change while it is deleted: each change happens or finds no key, and none fails', async () => {
    const statuses = new Map<number, number>();
    for (let round = 0; round < 25; round += 1) {
      const team_id = `team-${round}`;
      await post('/team/new', { team_id });
      const keys = await Promise.all(Array.from({ length: 4 }, async () => (await post('/key/generate', { team_id })).json.key));
      // the new owner makes the change look at the team, which it keeps as it is until it is done
      const changes = keys.map((key, index) => () => post('/key/update', { key, user_id: `user-${round}-${index}` }));
      const calls = [...changes.slice(0, 2), () => post('/team/delete', { team_ids: [team_id] }), ...changes.slice(2)];
      const answers = await Promise.all(calls.map((call) => call()));
      expect(answers[2]?.status).toBe(200);
      for (const { status } of answers) statuses.set(status, (statuses.get(status) ?? 0) + 1);
    }
    expect([...statuses.keys()].filter((status) => status !== 200 && status !== 404)).toEqual([]);
    const left = await admin.db.pool.query(`select count(*)::int as count from virtual_keys where deleted_at is null`);
    expect(left.rows).toEqual([{ count: 0 }]);
  });

  /** Locks two teams, the second one once `other` has its first. */
  async function lockBoth(order: readonly [string, string], meet: () => Promise<void>): Promise<number> {
    let runs = 0;
    await transact(admin.db, async (inside) => {
      runs += 1;
      await lockTeam(inside, order[0]);
      if (runs === 1) await meet();
      await holdScope(inside, { kind: 'team', id: order[1] });
    });
    return runs;
  }

  const lockTeam = (inside: Database, id: string) => lockScopes(inside, { kind: 'team', ids: [id] });

  test('of two transactions that wait for each other one is run again, and both end', async () => {
    await Promise.all(['left', 'right'].map((team_id) => post('/team/new', { team_id })));
    const both = Promise.withResolvers<void>();
    let arrived = 0;
    const meet = () => {
      arrived += 1;
      if (arrived === 2) both.resolve();
      return both.promise;
    };
    const runs = await Promise.all([lockBoth(['left', 'right'], meet), lockBoth(['right', 'left'], meet)]);
    expect(runs.toSorted()).toEqual([1, 2]);
  });

  test('what is inside of a transaction is not run again by itself, but with all of it', async () => {
    const ended = Object.assign(new Error('ended for another'), { code: '40001' });
    const runs = { outer: 0, inner: 0 };
    const work = () =>
      transact(admin.db, (outer) => {
        runs.outer += 1;
        return transact(outer, async () => {
          runs.inner += 1;
          if (runs.inner < 3) throw ended;
          return 'done';
        });
      });
    await expect(work()).resolves.toBe('done');
    expect(runs).toEqual({ outer: 3, inner: 3 });
  });

  test('a mistake is not run again', async () => {
    let runs = 0;
    const work = async () => {
      runs += 1;
      throw new TypeError('a mistake of ours');
    };
    await expect(transact(admin.db, work)).rejects.toThrow('a mistake of ours');
    expect(runs).toBe(1);
  });
});
