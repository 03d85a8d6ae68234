import { randomBytes } from 'node:crypto';
import { jetstreamManager } from '@nats-io/jetstream';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Bus, connectBus, openResponseStore, type ResponseStore } from '#bus';
import { startNats, type TestNats } from '#testing';

const log = { info() {}, warn() {} };
const LIMITS = { ttlMs: 3_600_000, maxBytes: 20 * 1024 * 1024 };
let nats: TestNats;
let bus: Bus;
let store: ResponseStore;

beforeAll(async () => {
  nats = await startNats();
  bus = await connectBus({ url: nats.url, name: 'test', log });
  store = await openResponseStore(bus, LIMITS);
});
afterAll(async () => {
  await bus?.close();
  await nats?.remove();
});

test('a document comes back to its owner as it was put, and to nobody else', async () => {
  const document = Buffer.from('{"a":"ä"}');
  await store.put('a1', 'resp_1', document);
  expect(await store.get('a1', 'resp_1')).toEqual(document);
  expect(await store.get('b2', 'resp_1')).toBeUndefined();
  expect(await store.get('a1', 'resp_2')).toBeUndefined();
});

test('a document larger than a message comes back whole', async () => {
  // random bytes don't compress
  const document = randomBytes(3 * 1024 * 1024);
  await store.put('a1', 'resp_large', document);
  const found = await store.get('a1', 'resp_large');
  // the matcher would compare byte by byte, for seconds
  expect(found !== undefined && document.equals(found)).toBe(true);
});

test('a deleted document is gone, and deleting it again finds nothing; another owner deletes nothing', async () => {
  await store.put('a1', 'resp_gone', randomBytes(1_500_000));
  expect(await store.delete('b2', 'resp_gone')).toBe(false);
  expect(await store.delete('a1', 'resp_gone')).toBe(true);
  expect(await store.get('a1', 'resp_gone')).toBeUndefined();
  expect(await store.delete('a1', 'resp_gone')).toBe(false);
});

test('at the size limit the oldest go, and a document that lost a piece is as good as gone', async () => {
  await store.put('a1', 'resp_old', randomBytes(2 * 1024 * 1024));
  for (let count = 0; count < 12; count += 1) await store.put('a1', `resp_new_${count}`, randomBytes(2 * 1024 * 1024));
  expect(await store.get('a1', 'resp_old')).toBeUndefined();
  expect(await store.get('a1', 'resp_new_11')).toHaveLength(2 * 1024 * 1024);
});

test('opening it again with other limits changes them and keeps what is there', async () => {
  await store.put('a1', 'resp_kept', Buffer.from('x'));
  const again = await openResponseStore(bus, { ttlMs: 7_200_000, maxBytes: 30 * 1024 * 1024 });
  expect(await again.get('a1', 'resp_kept')).toEqual(Buffer.from('x'));
  const manager = await jetstreamManager(bus.nc);
  const { config } = await manager.streams.info('RESPONSES');
  expect(config).toMatchObject({ max_age: 7_200_000 * 1e6, max_bytes: 30 * 1024 * 1024 });
});
