import { afterAll, beforeAll, expect, test } from 'vitest';
import { Registry } from 'prom-client';
import { type Bus, type CacheStore, openCacheStore, requestCore } from '#bus';
import { encodeCacheEntry } from '#cache';
import { startNats, type TestNats, waitFor } from '#testing';
import { createAnswerCache } from '../../services/ingress/cache/answer-cache.ts';
import { createIngressMetrics } from '../../services/ingress/metrics.ts';
import { cacheEntry } from './support/cache-entry.ts';
import { type Buses, createBuses } from './support/bus.ts';

const LIMITS = { ttlMs: 3_600_000, maxBytes: 20 * 1024 * 1024 };
const log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
let nats: TestNats;
let buses: Buses;
let bus: Bus;

beforeAll(async () => {
  nats = await startNats();
  buses = createBuses(nats.url);
  bus = await buses.open();
});
afterAll(async () => {
  await buses.close();
  await nats.remove();
});

function openCache(open: () => Promise<CacheStore> = () => openCacheStore(bus, LIMITS), now: () => number = Date.now) {
  const registry = new Registry();
  const cache = createAnswerCache({ open, memoryBytes: () => 1024 * 1024, metrics: createIngressMetrics(registry), log, now });
  return { cache, metrics: () => registry.metrics() };
}

test('what one replica kept another finds, within its scope alone', async () => {
  const [one, two] = [openCache().cache, openCache().cache];
  const kept = cacheEntry();
  await one.keep('s1', kept);
  expect(one.peek('s1', kept.facts.hash)).toEqual(kept);
  expect(two.peek('s1', kept.facts.hash)).toBeUndefined();
  expect(await two.fetch('s2', kept.facts.hash)).toBeUndefined();
  expect(await two.fetch('s1', kept.facts.hash)).toEqual(kept);
  expect(two.peek('s1', kept.facts.hash)).toEqual(kept);
});

test('an entry that was tampered with, or is another request’s, is a miss and is deleted', async () => {
  const { cache, metrics } = openCache();
  const store = await openCacheStore(bus, LIMITS);
  for (const bytes of [Buffer.from('garbage'), encodeCacheEntry(cacheEntry({ hash: 'of-another' })), Buffer.alloc(0)]) {
    await store.put('poison', 'h', bytes);
    expect(await cache.fetch('poison', 'h')).toBeUndefined();
    expect(await store.get('poison', 'h')).toBeUndefined();
  }
  expect(await metrics()).toContain('headrace_cache_store_failures_total{what="poisoned"} 3');
});

test('an entry whose time is over is a miss, in memory and in the store', async () => {
  let now = Date.now();
  const [one, two] = [openCache(undefined, () => now).cache, openCache(undefined, () => now).cache];
  const kept = cacheEntry();
  await one.keep('s1', kept);
  now += 60_001;
  expect(one.peek('s1', kept.facts.hash)).toBeUndefined();
  expect(await two.fetch('s1', kept.facts.hash)).toBeUndefined();
});

test('a store that never answers is a miss after a bounded wait, and then at once', async () => {
  const never = new Promise<never>(() => undefined);
  const { cache, metrics } = openCache(() => never);
  const startedAt = performance.now();
  expect(await cache.fetch('s1', 'h')).toBeUndefined();
  const waitedMs = performance.now() - startedAt;
  expect(waitedMs).toBeGreaterThan(40);
  let isDone = false;
  void cache.fetch('s1', 'h').then(() => (isDone = true));
  await Promise.resolve();
  await Promise.resolve();
  expect(isDone).toBe(true);
  expect(await metrics()).toContain('headrace_cache_store_failures_total{what="get"} 1');
});

test('a store that opens slowly is there as soon as it is open, and what is kept meanwhile reaches it', async () => {
  const opening = Promise.withResolvers<CacheStore>();
  let opened = 0;
  const { cache } = openCache(() => {
    opened += 1;
    return opening.promise;
  });
  const kept = cacheEntry({ hash: 'slow' });
  const store = await openCacheStore(bus, LIMITS);
  await store.put('slow', 'other', encodeCacheEntry(cacheEntry({ hash: 'other' })));
  expect(await cache.fetch('slow', 'other')).toBeUndefined();
  const keeping = cache.keep('slow', kept);
  opening.resolve(store);
  await keeping;
  expect(await store.get('slow', 'slow')).toBeDefined();
  expect(await cache.fetch('slow', 'other')).toBeDefined();
  expect(opened).toBe(1);
});

test('a store held for away is asked by who knows that it answers', async () => {
  const store = await openCacheStore(bus, LIMITS);
  let isSlow = true;
  const never = new Promise<never>(() => undefined);
  const { cache } = openCache(
    async () => ({ ...store, get: (scope, hash) => (isSlow ? never : store.get(scope, hash)) }),
    () => 1_000,
  );
  const kept = cacheEntry({ hash: 'away', expiresAt: Number.MAX_SAFE_INTEGER });
  await store.put('away', 'away', encodeCacheEntry(kept));
  await cache.store();
  expect(await cache.fetch('away', 'away')).toBeUndefined();
  isSlow = false;
  expect(await cache.fetch('away', 'away')).toBeUndefined();
  expect(await cache.fetch('away', 'away', { evenWhileAway: true })).toEqual(kept);
});

test('a store that was lost is a miss, and is made anew', async () => {
  const store = await openCacheStore(bus, LIMITS);
  let now = 0;
  const { cache } = openCache(undefined, () => now);
  const kept = cacheEntry({ expiresAt: Number.MAX_SAFE_INTEGER });
  expect(await cache.fetch('lost', 'h')).toBeUndefined();
  await requestCore(bus, '$JS.API.STREAM.DELETE.CACHE', new Uint8Array(0), { timeoutMs: 2_000 });
  expect(await cache.fetch('lost', 'h')).toBeUndefined();
  await waitFor(
    async () => {
      now += 2_000;
      await cache.fetch('lost', 'h');
      await cache.keep('lost', kept);
      return (await store.get('lost', kept.facts.hash)) !== undefined;
    },
    { what: 'the store to take an entry again' },
  );
});
