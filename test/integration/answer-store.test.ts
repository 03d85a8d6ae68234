import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type AnswerStore, type Bus, openAnswerStore } from '#bus';
import type { AnswerClaim } from '#contracts';
import { startNats, type TestNats } from '#testing';
import { type Buses, createBuses } from './support/bus.ts';

const LIMITS = { ttlMs: 3_600_000, maxBytes: 20 * 1024 * 1024 };
let nats: TestNats;
let buses: Buses;
let bus: Bus;
let store: AnswerStore;
let other: AnswerStore;

beforeAll(async () => {
  nats = await startNats();
  buses = createBuses(nats.url);
  bus = await buses.open();
  store = await openAnswerStore(bus, LIMITS);
  other = await openAnswerStore(await buses.open(), LIMITS);
});
afterAll(async () => {
  await buses.close();
  await nats.remove();
});

const claimOf = (ingress: string): AnswerClaim => ({ v: 1, state: 'running', fingerprint: 'f', ingress });

test('of many that claim a name at once one succeeds, and the others find its claim', async () => {
  const tries = Array.from({ length: 20 }, (_, i) => (i % 2 === 0 ? store : other).claim('k1', 'race', claimOf(`in-${i}`), 0));
  const won = (await Promise.all(tries)).flatMap((revision, i) => (revision === undefined ? [] : [{ revision, ingress: `in-${i}` }]));
  expect(won).toHaveLength(1);
  expect(await other.find('k1', 'race')).toEqual({ claim: claimOf(won[0]?.ingress ?? ''), revision: won[0]?.revision });
});

test('a name is one owner’s: another owner has it too', async () => {
  expect(await store.claim('k1', 'mine', claimOf('a'), 0)).toBeTypeOf('number');
  expect(await store.claim('k2', 'mine', claimOf('b'), 0)).toBeTypeOf('number');
  expect(await store.find('k3', 'mine')).toBeUndefined();
});

test('a claim is replaced by one who knows it, once', async () => {
  const first = await store.claim('k1', 'next', claimOf('a'), 0);
  const tries = ['b', 'c', 'd'].map((ingress) => other.claim('k1', 'next', claimOf(ingress), first ?? -1));
  expect((await Promise.all(tries)).filter((revision) => revision !== undefined)).toHaveLength(1);
});

test('a released name is free, and a release that comes late does not touch the next claim', async () => {
  const first = (await store.claim('k1', 'freed', claimOf('a'), 0)) ?? 0;
  await store.release(first);
  expect(await other.find('k1', 'freed')).toBeUndefined();
  const second = await other.claim('k1', 'freed', claimOf('b'), 0);
  expect(second).toBeTypeOf('number');
  await store.release(first);
  expect((await store.find('k1', 'freed'))?.revision).toBe(second);
});

test('answers lie beside the claims: 5 MB come back whole', async () => {
  const answer = randomBytes(5 * 1024 * 1024);
  await store.answers.put('k1', 'job_1', answer);
  const found = await other.answers.get('k1', 'job_1');
  expect(found !== undefined && answer.equals(found)).toBe(true);
  expect(await other.answers.get('k2', 'job_1')).toBeUndefined();
});

test('a claim made while the server restarts is made once it is back', async () => {
  await nats.kill();
  const claiming = store.claim('k1', 'restart', claimOf('a'), 0);
  await nats.start();
  const revision = await claiming;
  expect(revision).toBeTypeOf('number');
  expect((await store.find('k1', 'restart'))?.revision).toBe(revision);
});
