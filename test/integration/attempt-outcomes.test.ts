import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bookLost, publishOutcome } from '#attempts';
import { publishDurably } from '#bus';
import { type AttemptEvent, attemptId, decodeAttemptEvent, EVENTS_STREAM, HANDBACK_SUBJECT } from '#contracts';
import { jetstreamManager } from '@nats-io/jetstream';
import { attemptEvent } from './support/attempt-event.ts';
import { type NatsBus, startNatsBus } from './support/nats-bus.ts';

let server: NatsBus;
let nats: NatsBus['nats'];
let bus: NatsBus['bus'];

beforeAll(async () => {
  server = await startNatsBus();
  ({ nats, bus } = server);
});

afterAll(() => server?.close());

const publisher = () => ({ bus, log: { error: () => undefined } });
const success = (change: Partial<AttemptEvent> = {}) => attemptEvent({ worker: 'w1', ...change });
const lost = (event: AttemptEvent): AttemptEvent => ({ ...event, status: 'lost', verdict: 'lost', worker: '' });
const handBack = (event: AttemptEvent) =>
  publishDurably(
    bus,
    { subject: HANDBACK_SUBJECT, data: Buffer.from('{}'), messageId: attemptId(event.job, event.attempt, event.delivery) },
    { giveUpAfterMs: 5_000 },
  );

/** What the ledger is told of a job, in order. */
async function told(job: string): Promise<AttemptEvent[]> {
  const manager = await jetstreamManager(bus.nc);
  const { state } = await manager.streams.info(EVENTS_STREAM);
  const events: AttemptEvent[] = [];
  for (let seq = state.first_seq; seq <= state.last_seq; seq += 1) {
    const message = await manager.streams.getMessage(EVENTS_STREAM, { seq });
    if (message?.subject.startsWith('events.attempt.')) events.push(decodeAttemptEvent(message.data));
  }
  return events.filter((event) => event.job === job);
}

describe('an outcome', () => {
  test('is told once, however often it is published', async () => {
    const event = success();
    for (let i = 0; i < 3; i += 1) await publishOutcome(event, publisher());
    expect(await told(event.job)).toEqual([event]);
  });

  test('of a worker that was taken for dead is told beside the estimate, to replace it', async () => {
    const event = success();
    expect(await bookLost(lost(event), publisher())).toBeUndefined();
    await publishOutcome(event, publisher());
    await publishOutcome(event, publisher());
    expect((await told(event.job)).map(({ status, delivery }) => [status, delivery])).toEqual([
      ['lost', 1],
      ['success', 1],
    ]);
  });

  test('of a second worker that ran the same delivery is told too: it cost money', async () => {
    const event = success();
    await publishOutcome(event, publisher());
    await publishOutcome({ ...event, worker: 'w2' }, publisher());
    await publishOutcome({ ...event, worker: 'w2' }, publisher());
    const events = await told(event.job);
    expect(events.map(({ worker }) => worker)).toEqual(['w1', 'w2']);
    expect(new Set(events.map(({ attempt, delivery }) => `${attempt}.${delivery}`)).size).toBe(2);
  });

  test('of each further run of the same delivery is told too, also at the same worker', async () => {
    const event = success();
    const runs = [event, { ...event, startedAt: event.startedAt + 5_000, endedAt: event.endedAt + 5_000 }, { ...event, worker: 'w2' }];
    for (const run of [...runs, ...runs]) await publishOutcome(run, publisher());
    const events = await told(event.job);
    expect(events.map(({ worker, startedAt }) => [worker, startedAt])).toEqual(runs.map(({ worker, startedAt }) => [worker, startedAt]));
    expect(new Set(events.map(({ attempt, delivery }) => `${attempt}.${delivery}`)).size).toBe(3);
  });

  test('of two runs that were both taken for dead is told for each', async () => {
    const event = success();
    await bookLost(lost(event), publisher());
    for (const worker of ['w1', 'w2', 'w2']) await publishOutcome({ ...event, worker }, publisher());
    expect((await told(event.job)).map(({ worker, status }) => [worker, status]).slice(1)).toEqual([
      ['w1', 'success'],
      ['w2', 'success'],
    ]);
  });

  test('is told though another worker gave the same delivery back', async () => {
    const event = success();
    await handBack(event);
    await publishOutcome(event, publisher());
    expect(await told(event.job)).toEqual([event]);
  });

  test('of another attempt or delivery stands by itself', async () => {
    const event = success();
    for (const change of [{}, { attempt: 2 }, { delivery: 2 }]) await publishOutcome({ ...event, ...change }, publisher());
    expect(await told(event.job)).toHaveLength(3);
  });
});

describe('booking a delivery as lost', () => {
  test('finds the outcome that was stored, and books nothing', async () => {
    const event = success({ verdict: 'move', status: 'failure', errorCode: 'upstream_overloaded' });
    await publishOutcome(event, publisher());
    expect(await bookLost(lost(event), publisher())).toEqual(event);
    expect(await told(event.job)).toEqual([event]);
  });

  test('is told once when two notice it', async () => {
    const event = lost(success());
    expect(await bookLost(event, publisher())).toBeUndefined();
    expect(await bookLost({ ...event, worker: 'other' }, publisher())).toMatchObject({ status: 'lost' });
    expect(await told(event.job)).toHaveLength(1);
  });

  test('that was given back unrun books nothing and finds no outcome', async () => {
    const event = success();
    await handBack(event);
    expect(await bookLost(lost(event), publisher())).toBeUndefined();
    expect(await told(event.job)).toEqual([]);
  });
});

test('an outcome is told over kill -9 and restart of the server', async () => {
  const event = success();
  await nats.kill();
  const waiting = publishOutcome(event, publisher());
  await nats.start();
  await waiting;
  expect(await told(event.job)).toEqual([event]);
});
