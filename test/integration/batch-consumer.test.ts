import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  type BatchConsumer,
  type BatchConsumerOptions,
  type Bus,
  connectBus,
  ensureTopology,
  openBatchConsumer,
  publishDurably,
} from '#bus';
import { EVENTS_STREAM } from '#contracts';
import { startNats, type TestNats, waitFor } from '#testing';

const log = { info() {}, warn() {} };
let nats: TestNats;
let bus: Bus;
let published = 0;

beforeAll(async () => {
  nats = await startNats();
  bus = await connectBus({ url: nats.url, name: 'test', log });
  await ensureTopology(bus);
});
afterAll(async () => {
  await bus?.close();
  await nats?.remove();
});

const open = (name: string, change: Partial<BatchConsumerOptions> = {}): Promise<BatchConsumer> =>
  openBatchConsumer(bus, {
    stream: EVENTS_STREAM,
    consumer: name,
    filterSubject: `events.attempt.${name}`,
    maxMessages: 100,
    lingerMs: 50,
    ackWaitMs: 2_000,
    maxAckPending: 1_000,
    ...change,
  });

async function publish(name: string, count: number): Promise<string[]> {
  const texts = Array.from({ length: count }, () => `event ${published++}`);
  await Promise.all(
    texts.map((text) =>
      publishDurably(bus, { subject: `events.attempt.${name}`, data: Buffer.from(text), messageId: text }, { giveUpAfterMs: 10_000 }),
    ),
  );
  return texts;
}

/** Messages in somebody's hands, not acknowledged. */
const delivered = async (name: string): Promise<number> =>
  (await (await bus.js.jetstreamManager()).consumers.info(EVENTS_STREAM, name)).num_ack_pending;

const textsOf = (batch: readonly { data: Uint8Array }[]): string[] => batch.map((message) => Buffer.from(message.data).toString());

test('a full batch comes at once, the rest after its linger, and every message once', async () => {
  const texts = await publish('full', 150);
  const consumer = await open('full', { lingerMs: 200 });
  const first = await consumer.next();
  const second = await consumer.next();
  expect(first).toHaveLength(100);
  expect([...textsOf(first), ...textsOf(second)].toSorted()).toEqual(texts.toSorted());
  expect(await consumer.lag()).toBe(150);
  for (const message of [...first, ...second]) message.ack();
  await waitFor(async () => (await consumer.lag()) === 0, { timeoutMs: 3_000, what: 'all acked' });
  await consumer.close();
});

test('a caller that takes long holds two batches at most: the stream keeps the rest', async () => {
  await publish('slow', 500);
  const consumer = await open('slow');
  const first = await consumer.next();
  const info = () => delivered('slow');
  await waitFor(async () => (await info()) >= 200, { timeoutMs: 3_000, what: 'the next batch is here' });
  // one that is worked on, one that waits, one pull that may be open: never more
  for (let look = 0; look < 20; look += 1) expect(await info()).toBeLessThanOrEqual(300);
  expect(first).toHaveLength(100);
  await consumer.close();
});

test('a message that was not acked comes again, to another replica too', async () => {
  const [text] = await publish('again', 1);
  const dying = await open('again');
  const [message] = await dying.next();
  expect(message).toMatchObject({ delivery: 1 });
  await dying.close();
  const other = await open('again');
  const [redelivered] = await other.next();
  expect(textsOf([redelivered!])).toEqual([text]);
  expect(redelivered).toMatchObject({ delivery: 2, streamSeq: message?.streamSeq });
  await other.close();
});

test('after stop it hands out what it holds and then nothing, and gives back what comes late', async () => {
  await publish('stop', 5);
  const consumer = await open('stop', { lingerMs: 10_000 });
  const waiting = consumer.next();
  await waitFor(async () => (await delivered('stop')) === 5, { timeoutMs: 3_000, what: 'delivered' });
  consumer.stop();
  expect(await waiting).toHaveLength(5);
  expect(await consumer.next()).toEqual([]);
  await publish('stop', 1);
  const other = await open('stop');
  expect(await other.next()).toHaveLength(1);
  await Promise.all([consumer.close(), other.close()]);
});

test('it goes on by itself after the server was killed and started again', async () => {
  const consumer = await open('restart');
  const before = await publish('restart', 3);
  const seen = new Set<string>();
  const pump = (async () => {
    for (;;) {
      const batch = await consumer.next();
      if (batch.length === 0) return;
      for (const message of batch) {
        seen.add(Buffer.from(message.data).toString());
        message.ack();
      }
    }
  })();
  await waitFor(() => seen.size === 3, { timeoutMs: 3_000, what: 'the first three' });
  await nats.kill();
  await nats.start();
  const after = await publish('restart', 3);
  await waitFor(() => seen.size === 6, { timeoutMs: 10_000, what: 'the next three' });
  expect([...seen].toSorted()).toEqual([...before, ...after].toSorted());
  consumer.stop();
  await pump;
  await consumer.close();
}, 30_000);

test('a consumer that somebody deleted is made again', async () => {
  const consumer = await open('deleted');
  const manager = await bus.js.jetstreamManager();
  await manager.consumers.delete(EVENTS_STREAM, 'deleted');
  const [text] = await publish('deleted', 1);
  expect(textsOf(await consumer.next())).toEqual([text]);
  await consumer.close();
}, 30_000);
