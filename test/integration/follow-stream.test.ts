import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Bus, connectBus, ensureTopology, type FollowedMessage, followStream, publishDurably } from '#bus';
import { ATTEMPT_EVENTS, EVENTS_STREAM } from '#contracts';
import { startNats, type TestNats, waitFor } from '#testing';

const log = { info() {}, warn() {} };
let nats: TestNats;
let bus: Bus;
beforeAll(async () => {
  nats = await startNats();
  bus = await connectBus({ url: nats.url, name: 'test', log });
  await ensureTopology(bus);
});
afterAll(async () => {
  await bus?.close();
  await nats?.remove();
});

const publish = (first: number, count: number) =>
  Promise.all(
    Array.from({ length: count }, (_, index) =>
      publishDurably(
        bus,
        { subject: 'events.attempt.p', data: Buffer.from(String(first + index)), messageId: `m${first + index}` },
        { giveUpAfterMs: 10_000 },
      ),
    ),
  );

test('every message is told once and in order, what was there and what comes, over restarts of the server and loss of the consumer', async () => {
  await publish(0, 500);
  const told: FollowedMessage[] = [];
  const onMessage = (message: FollowedMessage): void => {
    told.push(message);
    if (told.length === 100) throw new Error('a listener’s own fault');
  };
  const follower = await followStream(bus, { stream: EVENTS_STREAM, filterSubject: ATTEMPT_EVENTS, onMessage });
  await follower.caughtUp;
  expect(told).toHaveLength(500);
  await nats.stop();
  await nats.start();
  await publish(500, 500);
  await waitFor(() => told.length >= 1_000, { what: 'what came after the restart' });
  const manager = await bus.js.jetstreamManager();
  for await (const { name } of manager.consumers.list(EVENTS_STREAM)) await manager.consumers.delete(EVENTS_STREAM, name);
  await publish(1_000, 100);
  await waitFor(() => told.length >= 1_100, { what: 'what came after the loss', timeoutMs: 20_000 });
  expect(told.map(({ streamSeq }) => streamSeq)).toEqual(Array.from({ length: 1_100 }, (_, index) => index + 1));
  expect(follower.behind).toBe(0);
  follower.close();
});

test('begins at a time, and has caught up at once where nothing came since', async () => {
  const told: string[] = [];
  const { storedAt, text, caughtUp, close } = await lastOf();
  close();
  await caughtUp;
  const onMessage = ({ data }: FollowedMessage): void => void told.push(Buffer.from(data).toString());
  const options = { stream: EVENTS_STREAM, filterSubject: ATTEMPT_EVENTS, onMessage };
  const none = await followStream(bus, { ...options, since: storedAt + 1_000 });
  await none.caughtUp;
  expect(told).toEqual([]);
  none.close();
  const last = await followStream(bus, { ...options, since: storedAt });
  await last.caughtUp;
  // which of those that were published together came last is the server's choice
  expect(told).toContain(text);
  expect(told.length).toBeLessThan(1_100);
  last.close();
});

async function lastOf() {
  let storedAt = 0;
  let text = '';
  const onMessage = (message: FollowedMessage): void => {
    ({ storedAt } = message);
    text = Buffer.from(message.data).toString();
  };
  const follower = await followStream(bus, { stream: EVENTS_STREAM, filterSubject: ATTEMPT_EVENTS, onMessage });
  await follower.caughtUp;
  return { storedAt, text, caughtUp: follower.caughtUp, close: follower.close };
}
