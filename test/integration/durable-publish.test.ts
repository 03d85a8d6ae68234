import { jetstreamManager } from '@nats-io/jetstream';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { deleteStored, publishDurably, readStored, StreamFull, StreamUnavailable } from '#bus';
import { EVENTS_STREAM, JOB_HEADER, JOBS_STREAM } from '#contracts';
import { waitFor } from '#testing';
import { type NatsBus, startNatsBus } from './support/nats-bus.ts';

let server: NatsBus;
let nats: NatsBus['nats'];
let bus: NatsBus['bus'];

beforeAll(async () => {
  server = await startNatsBus();
  ({ nats, bus } = server);
});

afterAll(() => server?.close());

const JOB = 'jobs.live.standard.nobody';
const text = (value: string): Uint8Array => Buffer.from(value);
const publish = (messageId: string, data = text('x'), giveUpAfterMs = 15_000) =>
  publishDurably(bus, { subject: JOB, data, messageId }, { giveUpAfterMs });

describe('a durable publish', () => {
  test('is stored once the promise resolves, bytes and headers as they were', async () => {
    const header = JSON.stringify({ model: 'grüße 日本 😀', line: 'a\nb\u2028' });
    const data = new Uint8Array([0, 13, 10, 255, 0]);
    const stored = await publishDurably(
      bus,
      { subject: JOB, data, messageId: 'bytes', headers: { [JOB_HEADER]: header } },
      { giveUpAfterMs: 5_000 },
    );
    expect(new Uint8Array((await readStored(bus, JOBS_STREAM, stored.streamSeq)) ?? [])).toEqual(data);
    const message = await (await jetstreamManager(bus.nc)).streams.getMessage(JOBS_STREAM, { seq: stored.streamSeq });
    expect(message?.header.get(JOB_HEADER)).toBe(header);
  });

  test('of the same id stores nothing and names the first', async () => {
    const first = await publish('same', text('first'));
    const second = await publish('same', text('second'));
    expect(first.duplicate).toBe(false);
    expect(second).toEqual({ streamSeq: first.streamSeq, duplicate: true });
    expect(Buffer.from((await readStored(bus, JOBS_STREAM, first.streamSeq)) ?? []).toString()).toBe('first');
  });

  test('a hundred at once of ten ids stores ten messages', async () => {
    const stored = await Promise.all(Array.from({ length: 100 }, (_, index) => publish(`crowd-${index % 10}`)));
    expect(new Set(stored.map((one) => one.streamSeq)).size).toBe(10);
    expect(stored.filter((one) => !one.duplicate)).toHaveLength(10);
  });

  test('larger than a message may be gives up in time and leaves the connection usable', async () => {
    await expect(publish('huge', new Uint8Array(9 * 1024 * 1024), 500)).rejects.toThrow(StreamUnavailable);
    await expect(publish('after-huge')).resolves.toMatchObject({ duplicate: false });
  });

  test('to a subject no stream has gives up in time', async () => {
    await expect(publishDurably(bus, { subject: 'nowhere', data: text('x'), messageId: 'n' }, { giveUpAfterMs: 300 })).rejects.toThrow(
      StreamUnavailable,
    );
  });

  test('survives kill -9 and restart of the server, and is stored once', async () => {
    const before = await publish('survivor-before');
    await nats.kill();
    const waiting = publish('survivor', text('kept'));
    await waitFor(() => !bus.connected, { what: 'the connection to be missed' });
    await nats.start();
    const stored = await waiting;
    expect(stored.streamSeq).toBeGreaterThan(before.streamSeq);
    expect(await publish('survivor')).toEqual({ streamSeq: stored.streamSeq, duplicate: true });
    expect(await publish('survivor-before')).toEqual({ streamSeq: before.streamSeq, duplicate: true });
  });
});

describe('a stored message', () => {
  test('that is deleted is gone, and so is one that never was', async () => {
    const { streamSeq } = await publish('deleted');
    expect(await deleteStored(bus, JOBS_STREAM, streamSeq)).toBe(true);
    expect(await readStored(bus, JOBS_STREAM, streamSeq)).toBeUndefined();
    expect(await deleteStored(bus, JOBS_STREAM, streamSeq)).toBe(false);
    expect(await readStored(bus, EVENTS_STREAM, 999_999)).toBeUndefined();
  });
});

describe('a full stream', () => {
  test('refuses at once with StreamFull, and takes messages again when there is room', async () => {
    const manager = await jetstreamManager(bus.nc);
    const { config, state } = await manager.streams.info(JOBS_STREAM);
    await manager.streams.update(JOBS_STREAM, { ...config, max_bytes: state.bytes + 1 });
    const startedAt = performance.now();
    await expect(publish('full', text('x'.repeat(1_000)))).rejects.toThrow(StreamFull);
    expect(performance.now() - startedAt).toBeLessThan(2_000);
    await manager.streams.update(JOBS_STREAM, config);
    await expect(publish('full', text('x'.repeat(1_000)))).resolves.toMatchObject({ duplicate: false });
  });
});
