import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ensureTopology, type LimitsBucket, openLimitsBucket } from '#bus';
import { startNats, type TestNats, waitFor } from '#testing';
import type { LimitRules } from '../../services/worker/limits/limit-rules.ts';
import { createSharedLimit, type SharedLimit } from '../../services/worker/limits/shared-limit.ts';
import { type Buses, createBuses } from './support/bus.ts';

let nats: TestNats;
let buses: Buses;
let buckets: LimitsBucket[];
let open: SharedLimit[] = [];
let files = 0;

beforeAll(async () => {
  nats = await startNats();
  buses = createBuses(nats.url);
  const [first, second] = [await buses.open(), await buses.open()];
  await ensureTopology(first);
  buckets = [await openLimitsBucket(first), await openLimitsBucket(second)];
});

afterAll(async () => {
  await buses.close();
  await nats.remove();
});

beforeEach(() => {
  for (const limit of open) limit.close();
  open = [];
  files += 1;
});

/** Two workers on the same deployment, each on a connection of its own. */
function openTwo(rules: Partial<LimitRules>, now: () => number = Date.now): [SharedLimit, SharedLimit] {
  const make = (worker: number): SharedLimit => {
    const limit = createSharedLimit({
      key: `deployment.d${files}`,
      rules: { requests: undefined, tokens: undefined, parallel: undefined, windowMs: 60_000, ...rules },
      worker: `w${worker}`,
      bucket: buckets[worker]!,
      now,
      offsetMs: () => 0,
      random: Math.random,
      onError: (error) => {
        throw error;
      },
    });
    open.push(limit);
    return limit;
  };
  return [make(0), make(1)];
}

const place = (seq: number) => ({ lane: 'live', queue: '', weight: 8, seq, tokens: 100 });

describe('two workers that take from one limit at the same time', () => {
  test('are granted together exactly what it allows', async () => {
    const [a, b] = openTwo({ requests: 60 });
    const results = await Promise.all(Array.from({ length: 200 }, (_, seq) => (seq % 2 === 0 ? a : b).take(place(seq))));
    expect(results.filter(({ granted }) => granted)).toHaveLength(60);
  });

  test('never have more calls under way than it allows, and take turns as calls end', async () => {
    const [a, b] = openTwo({ parallel: 3 });
    const take = (seq: number, limit: SharedLimit) => limit.take(place(seq));
    const results = await Promise.all([0, 1, 2, 3, 4, 5].map((seq) => take(seq, seq % 2 === 0 ? a : b)));
    const granted = results.flatMap((result) => (result.granted ? [result] : []));
    expect(granted).toHaveLength(3);
    expect(a.calls + b.calls).toBe(3);
    (a.calls > 0 ? a : b).ended(granted[0]!, 100);
    await waitFor(async () => (await take(100, b)).granted || (await take(101, a)).granted, { what: 'a place' });
    expect(a.calls + b.calls).toBe(3);
  });

  test('put right what a call came to in tokens, for both', async () => {
    const [a, b] = openTwo({ tokens: 1_000 });
    const first = await a.take({ ...place(1), tokens: 1_000 });
    expect((await b.take(place(2))).granted).toBe(false);
    if (!first.granted) throw new Error('refused');
    a.ended(first, 10);
    await waitFor(async () => (await b.take(place(2))).granted, { what: 'the correction' });
  });

  test('both wait when the provider asks one of them to', async () => {
    const [a, b] = openTwo({ requests: 1_000 });
    const until = Date.now() + 60_000;
    a.waitUntil(until);
    await waitFor(async () => !(await a.take(place(1))).granted, { what: 'the pause' });
    expect(await b.take(place(2))).toEqual({ granted: false, retryAt: until });
  });
});

describe('a worker that dies', () => {
  test('holds its calls for ten seconds and no longer', async () => {
    let now = 1_000_000;
    const [a, b] = openTwo({ parallel: 1 }, () => now);
    expect((await a.take(place(1))).granted).toBe(true);
    a.close();
    now += 9_000;
    expect((await b.take(place(2))).granted).toBe(false);
    now += 2_000;
    expect((await b.take(place(2))).granted).toBe(true);
  });
});

test('the clock of the server is known within a moment', async () => {
  expect(Math.abs((await buckets[0]!.clockOffsetMs()) ?? Infinity)).toBeLessThan(100);
});
