import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type HealthBucket, openHealthBucket } from '#bus';
import { createHealthBoard, type HealthBoard } from '#routing';
import { startNats, type TestNats, waitFor } from '#testing';
import { type Buses, createBuses } from './support/bus.ts';

const COOLDOWN_MS = 5_000;
const RULE = { allowedFails: undefined, allowedFailsPolicy: undefined, hasAlternative: true, isWildcard: false, cooldownMs: COOLDOWN_MS };

let nats: TestNats;
let buses: Buses;
const clock = { at: 1_000_000 };
let made = 0;
const errors: unknown[] = [];

beforeAll(async () => {
  nats = await startNats();
  buses = createBuses(nats.url);
});
afterAll(async () => {
  await buses.close();
  await nats.remove();
});
beforeEach(() => {
  errors.length = 0;
});

/** The board of one more process. */
async function process(rule = RULE): Promise<HealthBoard & { readonly bucket: HealthBucket }> {
  const bucket = await openHealthBucket(await buses.open(), () => clock.at);
  const by = `p${(made += 1)}`;
  const onError = (error: unknown) => void errors.push(error);
  const board = createHealthBoard({ store: bucket, by, now: () => clock.at, disabled: false, ruleOf: () => rule, onError });
  await bucket.watch(board.apply);
  return { ...board, bucket };
}
const processes = (count: number) => Promise.all(Array.from({ length: count }, () => process()));
const limited = (retryAfterMs?: number) => ({ code: 'upstream_rate_limited' as const, retryAfterMs });
const isOut = (id: string) => (board: HealthBoard) => !board.isAvailable(id, clock.at);
const allSee = (boards: readonly HealthBoard[], id: string, state: string) =>
  waitFor(() => boards.every((board) => board.recordOf(id)?.state === state), { what: `${state} everywhere` });

describe('a deployment in cooldown', () => {
  test('is out for all processes, also those that start later, and no other deployment is', async () => {
    const boards = await processes(4);
    boards[0]?.failed('one', limited());
    expect(boards[0]?.isAvailable('one', clock.at)).toBe(false);
    await allSee(boards, 'one', 'open');
    const [late] = await processes(1);
    expect([...boards, late!].every(isOut('one'))).toBe(true);
    expect(boards.some(isOut('two'))).toBe(false);
    expect(late?.retryAtMs('one')).toBe(clock.at + COOLDOWN_MS);
    expect(late?.admit('one')).toBe(false);
    expect(errors).toEqual([]);
  });

  test.each([
    ['a rate limit', limited(), true],
    ['an overload that says for how long', { code: 'upstream_overloaded' as const, retryAfterMs: 9_000 }, true],
    ['an overload that does not', { code: 'upstream_overloaded' as const, retryAfterMs: undefined }, false],
    ['a server error', { code: 'upstream_error' as const, retryAfterMs: undefined }, false],
  ])('for %s is waited for everywhere: %s', async (what, error, expected) => {
    const boards = await processes(2);
    boards[0]?.failed(what, error);
    boards[0]?.failed(what, error);
    await allSee(boards, what, 'open');
    for (const board of boards) {
      expect(board.isWaitedFor?.(what, clock.at + 60_000)).toBe(expected);
      expect(board.isWaitedFor?.(what, clock.at + 1_000)).toBe(false);
    }
  });

  test('tells those who wait when its probe has succeeded, in every process', async () => {
    const boards = await processes(2);
    boards[0]?.failed('probed', limited());
    await allSee(boards, 'probed', 'open');
    clock.at += COOLDOWN_MS;
    expect(await boards[0]?.admit('probed')).toBe(true);
    await allSee(boards, 'probed', 'probing');
    // the end of a probe is waited for, whatever its claim says
    expect(boards[1]?.isWaitedFor?.('probed', clock.at + 1)).toBe(true);
    const news = boards[1]?.changed('probed');
    boards[0]?.succeeded('probed');
    await news;
    expect(boards[1]?.isAvailable('probed', clock.at)).toBe(true);
  });

  test('stays out for as long as its provider asked for, and no longer than ten minutes', async () => {
    const [board] = await processes(1);
    board?.failed('patient', limited(42_000));
    board?.failed('endless', limited(86_400_000));
    expect(board?.retryAtMs('patient')).toBe(clock.at + 42_000);
    expect(board?.retryAtMs('endless')).toBe(clock.at + 600_000);
  });

  test('that two processes put out at once stays out until the later end', async () => {
    const boards = await processes(2);
    boards[0]?.failed('both', limited(10_000));
    boards[1]?.failed('both', limited(60_000));
    await Promise.all(boards.map((board) => board.settled()));
    await waitFor(() => boards.every((board) => board.retryAtMs('both') === clock.at + 60_000), { what: 'the later end' });
    expect(boards.every(isOut('both'))).toBe(true);
  });

  test('may have any name', async () => {
    const boards = await processes(2);
    const id = 'gpt-4o / eu:west *>';
    boards[0]?.failed(id, limited());
    await allSee(boards, id, 'open');
    expect(errors).toEqual([]);
  });
});

describe('after the cooldown', () => {
  test('one call of all processes is the probe; its success brings the deployment back for all', async () => {
    const boards = await processes(6);
    boards[0]?.failed('probed', limited());
    await allSee(boards, 'probed', 'open');
    clock.at += COOLDOWN_MS;
    const claims = await Promise.all(boards.flatMap((board) => [1, 2, 3].map(async () => board.admit('probed'))));
    expect(claims.filter(Boolean)).toHaveLength(1);
    await allSee(boards, 'probed', 'probing');
    expect(boards.every(isOut('probed'))).toBe(true);
    const prober = boards[Math.floor(claims.indexOf(true) / 3)];
    prober?.succeeded('probed');
    await allSee(boards, 'probed', 'closed');
    expect(boards.some(isOut('probed'))).toBe(false);
    expect(errors).toEqual([]);
  });

  test('a probe that fails puts it out again at once, and one probe follows per cooldown', async () => {
    const boards = await processes(3);
    boards[0]?.failed('dead', limited());
    await allSee(boards, 'dead', 'open');
    for (let round = 1; round <= 3; round += 1) {
      clock.at += COOLDOWN_MS;
      const claims = await Promise.all(boards.map(async (board) => board.admit('dead')));
      expect(claims.filter(Boolean)).toHaveLength(1);
      boards[claims.indexOf(true)]?.failed('dead', { code: 'upstream_error', retryAfterMs: undefined });
      await waitFor(() => boards.every((board) => board.recordOf('dead')?.state === 'open' && isOut('dead')(board)), {
        what: 'the end of the probe',
      });
    }
  });

  test('the only one of its group is back when its probe fails for another reason than the limit', async () => {
    const alone = { ...RULE, hasAlternative: false };
    const [one, two] = [await process(alone), await process(alone)];
    one.failed('lifted', limited(2_000));
    await allSee([one, two], 'lifted', 'open');
    clock.at += 2_001;
    expect(await one.admit('lifted')).toBe(true);
    one.failed('lifted', { code: 'upstream_error', retryAfterMs: undefined });
    await allSee([one, two], 'lifted', 'closed');
    expect(await two.admit('lifted')).toBe(true);
  });

  test('a probe that is refused for its request shows that somebody answers', async () => {
    const [board] = await processes(1);
    board?.failed('picky', limited());
    clock.at += COOLDOWN_MS;
    expect(await board?.admit('picky')).toBe(true);
    board?.failed('picky', { code: 'upstream_bad_request', retryAfterMs: undefined });
    expect(board?.isAvailable('picky', clock.at)).toBe(true);
  });

  test('a probe whose client leaves is given back', async () => {
    const boards = await processes(2);
    boards[0]?.failed('left', limited());
    await allSee(boards, 'left', 'open');
    clock.at += COOLDOWN_MS;
    expect(await boards[0]?.admit('left')).toBe(true);
    boards[0]?.leftOpen('left');
    await boards[0]?.settled();
    // the other one may not have heard of it yet: then its first claim is refused and tells it
    await waitFor(async () => (await boards[1]?.admit('left')) === true, { what: 'the probe to be free' });
  });

  test('a probe whose worker died is free after its lease', async () => {
    const boards = await processes(2);
    boards[0]?.failed('orphan', limited());
    await allSee(boards, 'orphan', 'open');
    clock.at += COOLDOWN_MS;
    expect(await boards[0]?.admit('orphan')).toBe(true);
    await allSee(boards, 'orphan', 'probing');
    expect(boards[1]?.admit('orphan')).toBe(false);
    clock.at += 10_000;
    expect(await boards[1]?.admit('orphan')).toBe(true);
    // the first one was only slow: its success no longer decides
    await waitFor(() => boards[0]?.recordOf('orphan')?.by === boards[1]?.recordOf('orphan')?.by, { what: 'the second claim' });
    boards[0]?.succeeded('orphan');
    await boards[0]?.settled();
    expect(boards[0]?.recordOf('orphan')?.state).toBe('probing');
  });

  test('a process that has planned the probe plans no second one for a while', async () => {
    const [board] = await processes(1);
    board?.failed('planned', limited());
    clock.at += COOLDOWN_MS;
    expect(board?.isAvailable('planned', clock.at)).toBe(true);
    board?.planned('planned');
    expect(board?.isAvailable('planned', clock.at)).toBe(false);
    expect(board?.retryAtMs('planned')).toBe(clock.at + 1_000);
    clock.at += 1_000;
    expect(board?.isAvailable('planned', clock.at)).toBe(true);
  });
});

test('a board outlives a restart of the server, and learns what changed', async () => {
  const boards = await processes(2);
  boards[0]?.failed('restart', limited());
  await allSee(boards, 'restart', 'open');
  await nats.stop();
  await nats.start();
  clock.at += COOLDOWN_MS;
  await waitFor(async () => await boards[0]?.admit('restart'), { what: 'a claim after the restart', timeoutMs: 20_000 });
  boards[0]?.succeeded('restart');
  await allSee(boards, 'restart', 'closed');
});

test('one process of all has a lease, until its time is over', async () => {
  const [a, b] = await processes(2);
  const both = await Promise.all([a!.bucket.lease('checks', 'a', 5_000), b!.bucket.lease('checks', 'b', 5_000)]);
  expect(both.filter(Boolean)).toHaveLength(1);
  const [holder, other] = both[0] ? (['a', 'b'] as const) : (['b', 'a'] as const);
  expect(await a!.bucket.lease('checks', holder, 5_000)).toBe(true);
  expect(await a!.bucket.lease('checks', other, 5_000)).toBe(false);
  clock.at += 5_000;
  expect(await a!.bucket.lease('checks', other, 5_000)).toBe(true);
});
