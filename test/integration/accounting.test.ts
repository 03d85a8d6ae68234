import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { Registry } from 'prom-client';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type BatchConsumer, type Bus, connectBus, ensureTopology, openBatchConsumer, publishDurably } from '#bus';
import { ATTEMPT_EVENTS, type AttemptEvent, attemptEventSubject, attemptId, DEAD_STREAM, EVENTS_STREAM, LEDGER_CONSUMER } from '#contracts';
import { applyAttempts, createPool, type Database, migrate } from '#db';
import { startNats, startPostgres, type TestNats, type TestPostgres, waitFor } from '#testing';
import { startLedger } from '../../services/accounting/consume.ts';
import { createDeadLetters } from '../../services/accounting/dead-letter.ts';
import { createAccountingMetrics } from '../../services/accounting/metrics.ts';
import { attemptEvent } from './support/attempt-event.ts';

const quiet = { info() {}, warn() {} };
let nats: TestNats;
let postgres: TestPostgres;
let bus: Bus;
let db: Database;

beforeAll(async () => {
  [nats, postgres] = await Promise.all([startNats(), startPostgres()]);
  await migrate(postgres.url);
  db = createPool(postgres.url, { max: 4, onIdleError: () => undefined });
  bus = await connectBus({ url: nats.url, name: 'test', log: quiet });
  await ensureTopology(bus);
}, 30_000);
afterAll(async () => {
  await bus?.close();
  await db?.close();
  await Promise.all([nats?.remove(), postgres?.remove()]);
});

/** Makes the durable with a short ack wait: what a killed process held comes back within a test's patience. */
const openConsumer = (): Promise<BatchConsumer> =>
  openBatchConsumer(bus, {
    stream: EVENTS_STREAM,
    consumer: LEDGER_CONSUMER,
    filterSubject: ATTEMPT_EVENTS,
    maxMessages: 200,
    lingerMs: 20,
    ackWaitMs: 1_000,
    maxAckPending: 20_000,
  });

beforeEach(async () => {
  const manager = await bus.js.jetstreamManager();
  await manager.consumers.delete(EVENTS_STREAM, LEDGER_CONSUMER).catch(() => undefined);
  await manager.streams.purge(EVENTS_STREAM);
  await manager.streams.purge(DEAD_STREAM);
  await db.pool.query('truncate attempts');
});

const publish = (events: readonly AttemptEvent[]) =>
  Promise.all(events.map((event) => publishBytes(Buffer.from(JSON.stringify(event)), event)));
const publishBytes = (data: Uint8Array, { provider, job, attempt, delivery }: AttemptEvent = attemptEvent()) =>
  publishDurably(
    bus,
    { subject: attemptEventSubject(provider), data, messageId: attemptId(job, attempt, delivery) },
    { giveUpAfterMs: 10_000 },
  );

const ledger = async (): Promise<{ rows: number; usd: string }> =>
  (await db.pool.query(`select count(*)::int as rows, coalesce(sum(total_usd), 0)::text as usd from attempts`)).rows[0];

describe('in one process', () => {
  let stopAll: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const stop of stopAll.toReversed()) await stop();
    stopAll = [];
  });

  async function start() {
    const consumer = await openConsumer();
    const lines: string[] = [];
    const note = (_fields: object, message: string) => void lines.push(message);
    const registry = new Registry();
    const tries = { count: 0 };
    const running = startLedger({
      consumer,
      apply: (events) => {
        tries.count += 1;
        return applyAttempts(db, events);
      },
      deadLetters: createDeadLetters(bus),
      metrics: createAccountingMetrics(registry, () => consumer.lag()),
      log: { info: note, warn: note, error: note },
      now: Date.now,
    });
    stopAll.push(async () => {
      await running.stop();
      await consumer.close();
    });
    return { consumer, lines, registry, tries };
  }

  test('an event published twice under different ids is counted once, and everything is acked', async () => {
    const { consumer, registry } = await start();
    const event = attemptEvent();
    await publish([event]);
    await publishBytes(Buffer.from(JSON.stringify(event)));
    await waitFor(async () => (await consumer.lag()) === 0, { timeoutMs: 5_000, what: 'all acked' });
    expect(await ledger()).toEqual({ rows: 1, usd: '0.00001275' });
    const text = await registry.metrics();
    expect(text).toContain('headrace_ledger_events_total{outcome="inserted"} 1');
    expect(text).toContain('headrace_ledger_events_total{outcome="duplicate"} 1');
    expect(text).toContain('headrace_ledger_lag_events 0');
  });

  test('poisonous events end in the dead letters with their error and hold up none of the others', async () => {
    const good = Array.from({ length: 60 }, () => attemptEvent());
    const bad = attemptEvent({ cost: { inputUsd: '0', cacheReadUsd: '0', cacheWriteUsd: '0', outputUsd: '0', totalUsd: 'free' } });
    await publish([...good.slice(0, 30), bad, ...good.slice(30)]);
    await publishBytes(Buffer.from('{"v":1'));
    await publishBytes(Buffer.from(JSON.stringify({ ...attemptEvent(), v: 2 })));
    const { consumer } = await start();
    await waitFor(async () => (await consumer.lag()) === 0, { timeoutMs: 5_000, what: 'all acked' });
    expect(await ledger()).toEqual({ rows: 60, usd: '0.00076500' });
    const letters = await readDeadLetters();
    expect(letters.map((letter) => letter.error).toSorted()).toEqual([
      'an event is not JSON',
      'attempt event version 2 is not supported',
      'invalid input syntax for type numeric: "free"',
    ]);
    expect(letters.map((letter) => letter.text)).toContain(JSON.stringify(bad));
    expect(letters.every((letter) => letter.subject === 'dead.events.attempt')).toBe(true);
  });

  test('a restart of Postgres loses nothing, is logged once, and needs nobody', async () => {
    const { consumer, lines, tries } = await start();
    await publish([attemptEvent()]);
    await waitFor(async () => (await ledger()).rows === 1, { timeoutMs: 5_000, what: 'the first row' });
    await postgres.stop();
    await publish(Array.from({ length: 500 }, () => attemptEvent()));
    await waitFor(() => tries.count >= 4, { timeoutMs: 5_000, what: 'several tries' });
    expect(await consumer.lag()).toBe(500);
    await postgres.start();
    await waitFor(async () => (await consumer.lag()) === 0, { timeoutMs: 15_000, what: 'all acked' });
    expect(await ledger()).toEqual({ rows: 501, usd: '0.00638775' });
    expect(lines).toEqual(['database does not take events: they are kept and tried again', 'database is back: events are applied again']);
  }, 40_000);

  test('it stops in the middle of an outage without losing what it held', async () => {
    const { lines } = await start();
    await postgres.stop();
    await publish([attemptEvent()]);
    await waitFor(() => lines.length > 0, { timeoutMs: 5_000, what: 'the outage is noticed' });
    const [stop] = stopAll.splice(0);
    await stop?.();
    await postgres.start();
    await start();
    await waitFor(async () => (await ledger()).rows === 1, { timeoutMs: 10_000, what: 'the row' });
  }, 40_000);

  async function readDeadLetters() {
    const manager = await bus.js.jetstreamManager();
    const { state } = await manager.streams.info(DEAD_STREAM);
    const sequences = Array.from({ length: state.messages }, (_, index) => state.first_seq + index);
    const stored = await Promise.all(sequences.map((seq) => manager.streams.getMessage(DEAD_STREAM, { seq })));
    return stored.map((message) => ({
      subject: message?.subject,
      text: message?.string(),
      error: message?.header.get('Headrace-Error') ?? '',
    }));
  }
});

describe('as a process', () => {
  const processes: ChildProcess[] = [];
  afterEach(() => {
    for (const child of processes.splice(0)) child.kill('SIGKILL');
  });

  async function spawnAccounting(): Promise<ChildProcess> {
    const child = spawn(process.execPath, ['services/accounting/main.ts'], {
      env: { ...process.env, DATABASE_URL: postgres.url, NATS_URL: nats.url, LOG_LEVEL: 'warn' },
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    processes.push(child);
    await once(child, 'message');
    return child;
  }

  test('kill -9 at any moment loses nothing and counts nothing twice', async () => {
    await (await openConsumer()).close();
    const events = Array.from({ length: 6_000 }, () => attemptEvent());
    await publish(events);
    for (let kills = 0; kills < 4; kills += 1) {
      const child = await spawnAccounting();
      const before = (await ledger()).rows;
      await waitFor(async () => (await ledger()).rows > before || before === events.length, { timeoutMs: 10_000, what: 'a batch lands' });
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    await spawnAccounting();
    await waitFor(async () => (await ledger()).rows === events.length, { timeoutMs: 20_000, what: 'every row' });
    const manager = await bus.js.jetstreamManager();
    const left = async () => {
      const info = await manager.consumers.info(EVENTS_STREAM, LEDGER_CONSUMER);
      return info.num_pending + info.num_ack_pending;
    };
    await waitFor(async () => (await left()) === 0, { timeoutMs: 20_000, what: 'every ack' });
    expect(await ledger()).toEqual({ rows: 6_000, usd: '0.07650000' });
  }, 90_000);

  test('two replicas share the events and count each once; SIGTERM ends one within seconds', async () => {
    await (await openConsumer()).close();
    const [one] = await Promise.all([spawnAccounting(), spawnAccounting()]);
    const events = Array.from({ length: 2_000 }, () => attemptEvent());
    const publishing = publish(events);
    await waitFor(async () => (await ledger()).rows > 0, { timeoutMs: 10_000, what: 'the first rows' });
    const askedAt = performance.now();
    one?.kill('SIGTERM');
    const [exitCode] = await once(one!, 'exit');
    expect(exitCode).toBe(0);
    expect(performance.now() - askedAt).toBeLessThan(3_000);
    await publishing;
    await waitFor(async () => (await ledger()).rows === 2_000, { timeoutMs: 20_000, what: 'every row' });
    expect(await ledger()).toEqual({ rows: 2_000, usd: '0.02550000' });
  }, 60_000);
});
