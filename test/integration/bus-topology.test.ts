import { randomBytes } from 'node:crypto';
import { jetstreamManager } from '@nats-io/jetstream';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Bus, ensureJobConsumer, ensureTopology, openBodyStore, publishCore, requestCore, subscribeCore } from '#bus';
import { DEAD_STREAM, EVENTS_STREAM, JOBS_STREAM } from '#contracts';
import { startNats, type TestNats, waitFor } from '#testing';
import { type Buses, createBuses } from './support/bus.ts';

let nats: TestNats;
let buses: Buses;
let bus: Bus;
let other: Bus;

beforeAll(async () => {
  nats = await startNats();
  buses = createBuses(nats.url);
  [bus, other] = await Promise.all([buses.open(), buses.open()]);
});

afterAll(async () => {
  await buses.close();
  await nats.remove();
});

describe('the topology', () => {
  test('can be made by several processes at once, and again', async () => {
    await Promise.all([ensureTopology(bus), ensureTopology(other), ensureTopology(bus)]);
    await ensureTopology(other);
    const manager = await jetstreamManager(bus.nc);
    for (const name of [JOBS_STREAM, EVENTS_STREAM, DEAD_STREAM]) {
      const { config } = await manager.streams.info(name);
      expect(config).toMatchObject({ name, storage: 'file' });
    }
    expect((await manager.streams.info(JOBS_STREAM)).config).toMatchObject({ retention: 'workqueue', discard: 'new' });
  });

  test('repairs a limit that somebody changed, without losing a message', async () => {
    const manager = await jetstreamManager(bus.nc);
    await bus.js.publish('events.attempt.x', 'kept');
    const { config } = await manager.streams.info(EVENTS_STREAM);
    await manager.streams.update(EVENTS_STREAM, { ...config, max_age: 60 * 1e9, duplicate_window: 30 * 1e9 });
    await ensureTopology(bus);
    const info = await manager.streams.info(EVENTS_STREAM);
    expect(info.config.max_age).toBe(config.max_age);
    expect(info.state.messages).toBe(1);
  });

  test('has one consumer per lane, tier and provider, though several workers ask for it at once', async () => {
    const route = { lane: 'live', tier: 'strong', provider: 'openai' } as const;
    const names = await Promise.all([
      ensureJobConsumer(bus, route),
      ensureJobConsumer(other, route),
      ensureJobConsumer(bus, { ...route, lane: 'batch' }),
    ]);
    expect(names).toEqual(['live-strong-openai', 'live-strong-openai', 'batch-strong-openai']);
    const { config } = await (await jetstreamManager(bus.nc)).consumers.info(JOBS_STREAM, names[0]!);
    expect(config).toMatchObject({ filter_subject: 'jobs.live.strong.openai', ack_policy: 'explicit', max_deliver: 6 });
  });
});

describe('the body store', () => {
  test('gives back 20 MB as they were, to another process', async () => {
    const body = randomBytes(20 * 1024 * 1024);
    await (await openBodyStore(bus)).put('large', body);
    const got = await (await openBodyStore(other)).get('large');
    expect(Buffer.compare(body, Buffer.from(got ?? []))).toBe(0);
  });

  test('takes and gives 20 MB in pieces, the next one when it is asked for', async () => {
    const body = randomBytes(20 * 1024 * 1024);
    let taken = 0;
    async function* pieces() {
      for (; taken < body.length; taken += 300_000) yield body.subarray(taken, taken + 300_000);
    }
    await (await openBodyStore(bus)).putStream('streamed', pieces());
    const got: Uint8Array[] = [];
    for await (const chunk of (await openBodyStore(other)).read('streamed')) got.push(chunk);
    expect(Buffer.compare(body, Buffer.concat(got))).toBe(0);
    expect(Math.max(...got.map((chunk) => chunk.length))).toBeLessThanOrEqual(128 * 1024);
  });

  test('keeps nothing of what fails half way, and does not read what is not there', async () => {
    const store = await openBodyStore(bus);
    const { streams } = await jetstreamManager(bus.nc);
    const before = (await streams.info('OBJ_bodies')).state.messages;
    async function* broken() {
      yield randomBytes(1024 * 1024);
      throw new Error('the client left');
    }
    await expect(store.putStream('half', broken())).rejects.toThrow('the client left');
    expect((await streams.info('OBJ_bodies')).state.messages).toBe(before);
    await expect(store.read('half')[Symbol.asyncIterator]().next()).rejects.toThrow('not stored');
  });

  test('has nothing for a name that was deleted or never put', async () => {
    const store = await openBodyStore(bus);
    await store.put('short-lived', randomBytes(10));
    await store.delete('short-lived');
    expect(await store.get('short-lived')).toBeUndefined();
    expect(await store.get('never')).toBeUndefined();
  });
});

describe('core messages', () => {
  test('arrive in order and as they were', async () => {
    const got: number[] = [];
    const stop = subscribeCore(other, 'order.*', (message) => got.push(message.data[0] ?? -1));
    await other.nc.flush();
    for (let index = 0; index < 200; index += 1) publishCore(bus, 'order.x', new Uint8Array([index]));
    await waitFor(() => got.length === 200, { what: 'all messages' });
    expect(got).toEqual(Array.from({ length: 200 }, (_, index) => index));
    stop();
  });

  test('whose handler throws don’t make the connection deaf', async () => {
    const got: string[] = [];
    const stop = subscribeCore(other, 'fragile.*', (message) => {
      got.push(message.subject);
      if (message.subject === 'fragile.bad') throw new Error('a malformed message');
    });
    await other.nc.flush();
    publishCore(bus, 'fragile.bad', new Uint8Array(1));
    publishCore(bus, 'fragile.good', new Uint8Array(1));
    await waitFor(() => got.includes('fragile.good'), { what: 'the message after the malformed one' });
    stop();
  });

  test('that can’t be sent don’t take those behind them along', async () => {
    const got: string[] = [];
    const stop = subscribeCore(other, 'behind.*', (message) => got.push(message.subject));
    await other.nc.flush();
    publishCore(bus, 'behind.too-large', new Uint8Array(9 * 1024 * 1024));
    publishCore(bus, 'not a subject', new Uint8Array(1));
    publishCore(bus, 'behind.good', new Uint8Array(1));
    await waitFor(() => got.length > 0, { what: 'the message behind' });
    expect(got).toEqual(['behind.good']);
    stop();
  });

  test('asked of nobody are told from those nobody answers in time', async () => {
    const stop = subscribeCore(other, 'silent', () => undefined);
    await other.nc.flush();
    expect(await requestCore(bus, 'nobody.there', new Uint8Array(0), { timeoutMs: 1_000 })).toEqual({ kind: 'nobody' });
    expect(await requestCore(bus, 'silent', new Uint8Array(0), { timeoutMs: 200 })).toEqual({ kind: 'timeout' });
    stop();
  });
});
