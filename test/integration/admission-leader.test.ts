import { jetstreamManager } from '@nats-io/jetstream';
import { Registry } from 'prom-client';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  type Bus,
  connectBus,
  ensureTopology,
  type KeysBucket,
  openKeysBucket,
  openScopesBucket,
  publishDurably,
  requestCore,
  type ScopesBucket,
} from '#bus';
import {
  type AdmissionAnswer,
  type AdmissionAsk,
  type AttemptEvent,
  attemptEventSubject,
  attemptId,
  EVENTS_STREAM,
  EVERY_CUSTOMER,
  type Limits,
  NO_COST,
  NO_USAGE,
  TOP_UP_SUBJECT,
  type TopUpReply,
} from '#contracts';
import { applyAttempts, createPool, type Database } from '#db';
import { createTestDatabase, startNats, type TestDatabase, type TestNats, waitFor } from '#testing';
import { type Admission, type AdmissionOptions, startAdmission } from '../../services/accounting/admission/start-admission.ts';
import { attemptEvent } from './support/attempt-event.ts';
import { createTestIngress, type TestIngress } from './support/test-ingress.ts';

/** The process around the engine: who leads, what a new leader knows, and that nothing is counted twice or forgotten. Real NATS and Postgres. */
const quiet = { info() {}, warn() {} };
let database: TestDatabase;
let db: Database;
let nats: TestNats;
let bus: Bus;
let keys: KeysBucket;
let scopes: ScopesBucket;
let ingress: TestIngress;
let running: Replica[];
let config: ReturnType<AdmissionOptions['config']>;

interface Replica {
  readonly admission: Admission;
  readonly metrics: (name: string) => Promise<number>;
  /** As kill -9: the connection is gone, nothing is said. */
  kill(): Promise<void>;
  close(): Promise<void>;
}

async function startReplica(name: string): Promise<Replica> {
  const own = await connectBus({ url: nats.url, name, log: quiet });
  const registry = new Registry();
  const options = { config: () => config, onConfigChange: () => () => undefined, registry, log: quiet, now: Date.now };
  const admission = await startAdmission({ bus: own, db, holder: `${name} ${Math.random()}`, ...options });
  const replica: Replica = {
    admission,
    metrics: async (metric) => (await registry.getSingleMetric(metric)?.get())?.values[0]?.value ?? Number.NaN,
    kill: () => own.close(),
    async close() {
      await admission.close();
      await own.close();
    },
  };
  running.push(replica);
  return replica;
}

const leads = (replica: Replica) => async () => (await replica.metrics('headrace_admission_leader')) === 1;
const toLead = (replica: Replica) => waitFor(leads(replica), { what: 'the lead', timeoutMs: 15_000 });
const reserved = (replica: Replica) => replica.metrics('headrace_admission_reserved_usd');

beforeAll(async () => {
  database = await createTestDatabase();
  db = createPool(database.url, { max: 4, onIdleError: () => undefined });
});
afterAll(async () => {
  await db?.close();
  await database?.remove();
});

beforeEach(async () => {
  running = [];
  config = { deployments: [] };
  nats = await startNats();
  bus = await connectBus({ url: nats.url, name: 'test', log: quiet });
  await ensureTopology(bus);
  [keys, scopes] = await Promise.all([openKeysBucket(bus), openScopesBucket(bus)]);
  ingress = createTestIngress(bus, 'in1');
});
afterEach(async () => {
  ingress.close();
  for (const replica of running) await replica.close().catch(() => undefined);
  await bus.close();
  await nats.remove();
});

const putKey = (hash: string, limits: Limits) => keys.put({ v: 1, hash, masked: 'sk-...1', models: [], blocked: false, limits });
const budget = (limitUsd: string): Limits => ({ budgets: [{ id: 'b', limitUsd }] });

let jobs = 0;
function ask(change: Partial<AdmissionAsk> = {}): AdmissionAsk {
  jobs += 1;
  return {
    job: `job-${jobs}`,
    by: { keyHash: 'k1' },
    modelGroup: 'm',
    candidates: [{ deploymentId: 'd1', provider: 'p1' }],
    mostUsd: '0',
    inputTokens: 10,
    outputTokens: 10,
    acceptedAt: Date.now(),
    deadlineAt: Date.now() + 60_000,
    ...change,
  };
}
const times = <T>(count: number, make: (index: number) => T): T[] => Array.from({ length: count }, (_, index) => make(index));
const kinds = (answers: readonly AdmissionAnswer[]) => answers.map((answer) => (answer.admitted ? 'admitted' : answer.refusal.kind));

/** An outcome as a worker stores it. */
async function finish(of: AdmissionAsk, totalUsd: string, change: Partial<AttemptEvent> = {}): Promise<AttemptEvent> {
  const { job, by, modelGroup, acceptedAt } = of;
  const event = attemptEvent({
    job,
    by,
    modelGroup,
    acceptedAt,
    deploymentId: 'd1',
    provider: 'p1',
    usage: { ...NO_USAGE, inputTokens: 10, outputTokens: 10 },
    cost: { ...NO_COST, totalUsd },
    endedAt: Date.now(),
    ...change,
  });
  ingress.open.delete(job);
  await publish(event, attemptId(event.job, event.attempt, event.delivery));
  return event;
}
const publish = (event: AttemptEvent, messageId: string) =>
  publishDurably(
    bus,
    { subject: attemptEventSubject(event.provider), data: Buffer.from(JSON.stringify(event)), messageId },
    { giveUpAfterMs: 5_000 },
  );

/** What is left of the key's budget, found out by asking. */
async function fits(usd: string, by = { keyHash: 'k1' }): Promise<boolean> {
  // what only others' holds stand in the way of is refused at the deadline
  const one = ask({ mostUsd: usd, by, deadlineAt: Date.now() + 200 });
  const [answer] = await ingress.ask([one]);
  if (answer?.admitted === true) {
    ingress.open.delete(one.job);
    ingress.release([one.job]);
  }
  return answer?.admitted === true;
}

describe('one of two leads', () => {
  let first: Replica;
  let second: Replica;
  beforeEach(async () => {
    await putKey('k1', { rpm: 60 });
    await putKey('k5', { parallel: 5 });
    await putKey('kb', budget('1'));
    first = await startReplica('first');
    await toLead(first);
    second = await startReplica('second');
  });

  test('200 concurrent requests of a key with 60 a minute: exactly 60 are admitted', async () => {
    const answers = await ingress.ask(times(200, () => ask()));
    expect(kinds(answers).filter((kind) => kind === 'admitted')).toHaveLength(60);
    expect(ingress.epochs.size).toBe(1);
    expect(await leads(second)()).toBe(false);
  });

  test('five parallel requests, and five again when they are over', async () => {
    const by = { keyHash: 'k5' };
    const many = times(20, () => ask({ by }));
    expect(kinds(await ingress.ask(many)).filter((kind) => kind === 'admitted')).toHaveLength(5);
    await Promise.all(many.slice(0, 5).map((one) => finish(one, '0')));
    const again = async () => {
      const one = ask({ by });
      return (await ingress.ask([one]))[0]?.admitted;
    };
    await waitFor(again, { what: 'a free slot' });
  });

  test('after the leader’s death the next one knows what is spent, what is held and what the last minute was', async () => {
    const by = { keyHash: 'kb' };
    const [settled, open, late] = [ask({ by, mostUsd: '0.2' }), ask({ by, mostUsd: '0.3' }), ask({ by, mostUsd: '0.4' })];
    await ingress.ask([settled, open, late, ...times(40, () => ask())]);
    await finish(settled, '0.15');
    await waitFor(async () => Math.abs((await reserved(first)) - 0.7) < 1e-9, { what: 'the settlement' });
    await first.kill();
    // while nobody leads
    await finish(late, '0.25');
    await toLead(second);
    expect(await reserved(second)).toBeCloseTo(0.3, 9);
    expect(kinds(await ingress.ask(times(30, () => ask()))).filter((kind) => kind === 'admitted')).toHaveLength(20);
    expect([await fits('0.31', by)].concat(await fits('0.3', by))).toEqual([false, true]);
    await finish(open, '0.1');
    await waitFor(async () => (await reserved(second)) === 0, { what: 'all reservations to end' });
    expect([await fits('0.51', by), await fits('0.5', by)]).toEqual([false, true]);
    expect(ingress.epochs.size).toBe(2);
  });

  test('a leader that stops by itself hands over what it knows', async () => {
    const by = { keyHash: 'kb' };
    const one = ask({ by, mostUsd: '0.6' });
    await ingress.ask([one]);
    await first.close();
    await toLead(second);
    expect(await fits('0.5', by)).toBe(false);
    expect(await reserved(second)).toBeCloseTo(0.6, 9);
  });

  test('a parked request is answered by the next leader', async () => {
    const by = { keyHash: 'kb' };
    const [open, parked] = [ask({ by, mostUsd: '0.9' }), ask({ by, mostUsd: '0.5' })];
    await ingress.ask([open]);
    const answer = ingress.ask([parked], { timeoutMs: 20_000 });
    await waitFor(() => first.metrics('headrace_admission_parked'), { what: 'it to wait' });
    await first.kill();
    await toLead(second);
    await waitFor(() => second.metrics('headrace_admission_parked'), { what: 'it to wait again' });
    await finish(open, '0.5');
    expect(kinds(await answer)).toEqual(['admitted']);
  });
});

describe('a leader', () => {
  let leader: Replica;
  beforeEach(async () => {
    await putKey('k1', budget('1'));
    leader = await startReplica('leader');
    await toLead(leader);
  });

  test('gives a stream more while there is some', async () => {
    const one = ask({ mostUsd: '0.5', leastUsd: '0.1' });
    await ingress.ask([one]);
    const topUp = async (neededUsd: string): Promise<TopUpReply | undefined> => {
      const reply = await requestCore(bus, TOP_UP_SUBJECT, Buffer.from(JSON.stringify({ job: one.job, neededUsd })), { timeoutMs: 2_000 });
      return reply.kind === 'answer' ? JSON.parse(Buffer.from(reply.data).toString()) : undefined;
    };
    expect(await topUp('0.8')).toEqual({ heldUsd: '0.8' });
    expect(await topUp('1.2')).toMatchObject({ heldUsd: '1', refusal: { kind: 'budget' } });
  });

  test('counts an event once when the stream has it twice, and an estimate until its worker’s own word', async () => {
    const [one, two] = [ask({ mostUsd: '0.3' }), ask({ mostUsd: '0.3' })];
    await ingress.ask([one, two]);
    const event = await finish(one, '0.3');
    await publish(event, 'the same again');
    const lost = await finish(two, '0.3', { status: 'lost', verdict: 'lost' });
    await leader.kill();
    const next = await startReplica('next');
    await toLead(next);
    expect([await fits('0.41'), await fits('0.4')]).toEqual([false, true]);
    await publish({ ...lost, status: 'success', verdict: 'done', cost: { ...NO_COST, totalUsd: '0.1' } }, 'its own word');
    await waitFor(() => fits('0.6'), { what: 'the estimate to be replaced' });
    expect(await fits('0.61')).toBe(false);
  });

  test('a changed limit counts in less than a second', async () => {
    expect(await fits('1.5')).toBe(false);
    await putKey('k1', budget('2'));
    const changedAt = performance.now();
    await waitFor(() => fits('1.5'), { what: 'the new limit', intervalMs: 5 });
    expect(performance.now() - changedAt).toBeLessThan(1_000);
  });

  test('a key made a moment ago has its limits from its first request on', async () => {
    for (const hash of times(20, (index) => `new-${index}`)) {
      await putKey(hash, budget('0.1'));
      expect(await fits('0.2', { keyHash: hash })).toBe(false);
    }
  });

  test('end users have the budget that is set for all of them, each its own, from the first concurrent requests on', async () => {
    await scopes.put({ v: 1, ...EVERY_CUSTOMER, limits: budget('0.5') });
    await scopes.put({ v: 1, kind: 'customer', id: 'rich', limits: budget('10') });
    await waitFor(async () => !(await fits('0.6', { keyHash: 'none', endUser: 'first' } as never)), { what: 'the default' });
    const asks = ['a', 'b', 'rich'].flatMap((endUser) =>
      times(5, () => ask({ by: { keyHash: 'none', endUser }, mostUsd: '0.5', deadlineAt: Date.now() + 500 })),
    );
    const answers = await ingress.ask(asks);
    expect(kinds(answers)).toEqual(
      ['a', 'b', 'rich'].flatMap((user) => times(5, (index) => (user === 'rich' || index === 0 ? 'admitted' : 'budget'))),
    );
  });

  test('is silent while another one may lead: whoever asks gets one leader’s word', async () => {
    await waitFor(() => ingress.isHeard(), { what: 'the leader to listen' });
    await nats.stop();
    await nats.start();
    await waitFor(() => bus.connected, { what: 'the connection' });
    const answers = await ingress.ask([ask({ mostUsd: '0.1' })], { timeoutMs: 20_000 });
    expect(kinds(answers)).toEqual(['admitted']);
    await finish(ask({ mostUsd: '0.95' }), '0.95');
    await waitFor(async () => !(await fits('0.06')), { what: 'events to be counted after the restart' });
  });
});

describe('while nobody has limits', () => {
  const listeners = async () => (await (await jetstreamManager(bus.nc)).streams.info(EVENTS_STREAM)).state.consumer_count;

  test('the leader follows no events; the first limit that is set counts from its first request on', async () => {
    const leader = await startReplica('leader');
    await toLead(leader);
    for (const _ of times(3, () => 0)) await finish(ask(), '1');
    expect(await listeners()).toBe(0);
    await putKey('k1', budget('0.5'));
    const [first, second] = [ask({ mostUsd: '0.3' }), ask({ mostUsd: '0.3', deadlineAt: Date.now() + 300 })];
    expect(kinds(await ingress.ask([first]))).toEqual(['admitted']);
    expect(await listeners()).toBe(1);
    expect(kinds(await ingress.ask([second]))).toEqual(['budget']);
    await finish(first, '0.1');
    await waitFor(() => fits('0.4'), { what: 'the rest to be free' });
    expect(await fits('0.41')).toBe(false);
  });
});

describe('a fresh queue over an old database', () => {
  test('spend of the present windows comes from the ledger, and what is in the stream is not added to it', async () => {
    const at = Date.now();
    const old = (change: Partial<AttemptEvent>) =>
      attemptEvent({
        by: { keyHash: 'k1', teamId: 't1' },
        cost: { ...NO_COST, totalUsd: '0.3' },
        provider: 'p1',
        acceptedAt: at - 60_000,
        endedAt: at - 59_000,
        ...change,
      });
    await applyAttempts(db, [old({}), old({}), old({ acceptedAt: at - 90_000_000, endedAt: at - 90_000_000 })]);
    await putKey('k1', {
      budgets: [
        { id: 'b', limitUsd: '2' },
        { id: 'd', limitUsd: '1', period: '1d', reset: 'rolling' },
      ],
    });
    await scopes.put({ v: 1, kind: 'team', id: 't1', limits: budget('1.5') });
    const event = await finish(ask(), '0.1');
    await applyAttempts(db, [event]);
    const leader = await startReplica('leader');
    await toLead(leader);
    expect([await fits('0.31'), await fits('0.3')]).toEqual([false, true]);
    const ofTeam = { keyHash: 'other', teamId: 't1' };
    expect([await fits('0.61', ofTeam), await fits('0.6', ofTeam)]).toEqual([false, true]);
  });
});
