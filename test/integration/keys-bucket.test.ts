import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Bus, connectBus, type KeysBucket, openKeysBucket } from '#bus';
import type { KeyRecord } from '#contracts';
import { startNats, type TestNats, waitFor } from '#testing';

const log = { info() {}, warn() {} };
let nats: TestNats;
let bus: Bus;
let bucket: KeysBucket;

beforeAll(async () => {
  nats = await startNats();
  bus = await connectBus({ url: nats.url, name: 'test', log });
  bucket = await openKeysBucket(bus);
});
afterAll(async () => {
  await bus?.close();
  await nats?.remove();
});

const record = (hash: string, change: Partial<KeyRecord> = {}): KeyRecord => ({
  v: 1,
  hash,
  masked: 'sk-...abcd',
  models: [],
  blocked: false,
  ...change,
});

test('a record comes back as it was put, and is gone once deleted', async () => {
  const stored = record('a1', { alias: 'agent', expiresAt: 1_900_000_000_000, aliases: { gpt: 'agent-planner' }, tags: ['x'] });
  expect(await bucket.count()).toBe(0);
  expect(await bucket.get('a1')).toBeUndefined();
  await bucket.put(stored);
  expect(await bucket.get('a1')).toEqual(stored);
  expect(await bucket.count()).toBe(1);
  await bucket.delete('a1');
  expect(await bucket.get('a1')).toBeUndefined();
});

test('a watcher is told what changes after it began, deletions too, and nothing from before', async () => {
  await bucket.put(record('before'));
  await bucket.put(record('gone'));
  const seen = new Map<string, KeyRecord | undefined>();
  const end = await bucket.watch((hash, value) => seen.set(hash, value));
  await bucket.put(record('made'));
  await bucket.put(record('made', { blocked: true }));
  await bucket.delete('gone');
  await waitFor(() => seen.has('gone') && seen.get('made')?.blocked === true, { timeoutMs: 3_000, what: 'both changes' });
  expect(Object.fromEntries(seen)).toEqual({ made: record('made', { blocked: true }), gone: undefined });
  end();
  await bucket.put(record('after-end'));
  expect(seen.has('after-end')).toBe(false);
});

test('a watcher outlives restarts of the server, even if they lose its consumer there, and misses no change', async () => {
  const writer = await connectBus({ url: nats.url, name: 'writer', log });
  const other = await openKeysBucket(writer);
  const manager = await writer.js.jetstreamManager();
  const seen = new Map<string, KeyRecord | undefined>();
  const end = await bucket.watch((hash, value) => seen.set(hash, value));
  for (const round of [1, 2]) {
    await waitFor(async () => (await manager.consumers.list('KV_keys').next()).length > 0, { what: 'the watcher is there' });
    for (const { name } of await manager.consumers.list('KV_keys').next()) await manager.consumers.delete('KV_keys', name);
    await nats.kill();
    await waitFor(() => !bus.connected && !writer.connected, { what: 'both see the loss' });
    await nats.start();
    await waitFor(() => writer.connected, { what: 'the writer is back' });
    await waitFor(() => other.put(record(`round-${round}`, { blocked: true })).then(() => true), { what: 'the write' });
    await waitFor(() => seen.get(`round-${round}`)?.blocked === true, { timeoutMs: 3_000, what: `the change of round ${round}` });
  }
  end();
  await writer.close();
}, 40_000);

test('an entry that nobody can read is no key', async () => {
  await bus.js.publish('$KV.keys.broken', 'not json');
  expect(await bucket.get('broken')).toBeUndefined();
});
