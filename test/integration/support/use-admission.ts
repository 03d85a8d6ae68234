import { Registry } from 'prom-client';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import {
  type Bus,
  connectBus,
  ensureTopology,
  type KeysBucket,
  openKeysBucket,
  openScopesBucket,
  publishDurably,
  type ScopesBucket,
} from '#bus';
import type { BudgetSettings } from '#config';
import {
  type AdmissionAnswer,
  type AdmissionAsk,
  type AttemptEvent,
  attemptEventSubject,
  attemptId,
  type Limits,
  NO_COST,
  NO_USAGE,
} from '#contracts';
import { createPool, type Database } from '#db';
import { createTestDatabase, startNats, type TestDatabase, type TestNats, waitFor } from '#testing';
import { type Admission, startAdmission } from '../../../services/accounting/admission/start-admission.ts';
import { attemptEvent } from './attempt-event.ts';
import { createTestIngress, type TestIngress } from './test-ingress.ts';

const quiet = { info() {}, warn() {} };

export interface Replica {
  readonly admission: Admission;
  readonly metrics: (name: string) => Promise<number>;
  /** As kill -9: the connection is gone, nothing is said. */
  kill(): Promise<void>;
  close(): Promise<void>;
}

export const leads = (replica: Replica) => async () => (await replica.metrics('headrace_admission_leader')) === 1;
export const toLead = (replica: Replica) => waitFor(leads(replica), { what: 'the lead', timeoutMs: 15_000 });
export const reserved = (replica: Replica) => replica.metrics('headrace_admission_reserved_usd');

export const budget = (limitUsd: string): Limits => ({ budgets: [{ id: 'b', limitUsd }] });

let jobs = 0;
export function ask(change: Partial<AdmissionAsk> = {}): AdmissionAsk {
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
export const times = <T>(count: number, make: (index: number) => T): T[] => Array.from({ length: count }, (_, index) => make(index));
export const kinds = (answers: readonly AdmissionAnswer[]) => answers.map((answer) => (answer.admitted ? 'admitted' : answer.refusal.kind));

/** What the tests of a file run against: one database for all of them, a NATS server, buckets and an ingress for each. */
export interface AdmissionUnderTest {
  db: Database;
  nats: TestNats;
  bus: Bus;
  keys: KeysBucket;
  scopes: ScopesBucket;
  ingress: TestIngress;
}

export function useAdmission() {
  const under = {} as AdmissionUnderTest;
  let database: TestDatabase;
  let running: Replica[] = [];

  beforeAll(async () => {
    database = await createTestDatabase();
    under.db = createPool(database.url, { max: 4, onIdleError: () => undefined });
  });
  afterAll(async () => {
    await under.db?.close();
    await database?.remove();
  });

  beforeEach(async () => {
    running = [];
    const nats = await startNats();
    const bus = await connectBus({ url: nats.url, name: 'test', log: quiet });
    await ensureTopology(bus);
    const [keys, scopes] = await Promise.all([openKeysBucket(bus), openScopesBucket(bus)]);
    Object.assign(under, { nats, bus, keys, scopes, ingress: createTestIngress(bus, 'in1') });
  });
  afterEach(async () => {
    under.ingress.close();
    for (const replica of running) await replica.close().catch(() => undefined);
    await under.bus.close();
    await under.nats.remove();
  });

  async function startReplica(name: string, budgets?: BudgetSettings): Promise<Replica> {
    const own = await connectBus({ url: under.nats.url, name, log: quiet });
    const registry = new Registry();
    const options = {
      config: () => ({ deployments: [], budgets }),
      onConfigChange: () => () => undefined,
      registry,
      log: quiet,
      now: Date.now,
    };
    const admission = await startAdmission({ bus: own, db: under.db, holder: `${name} ${Math.random()}`, ...options });
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

  const putKey = (hash: string, limits: Limits) => under.keys.put({ v: 1, hash, masked: 'sk-...1', models: [], blocked: false, limits });

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
    under.ingress.open.delete(job);
    await publish(event, attemptId(event.job, event.attempt, event.delivery));
    return event;
  }
  const publish = (event: AttemptEvent, messageId: string) =>
    publishDurably(
      under.bus,
      { subject: attemptEventSubject(event.provider), data: Buffer.from(JSON.stringify(event)), messageId },
      { giveUpAfterMs: 5_000 },
    );

  /** What is left of the key's budget, found out by asking. */
  async function fits(usd: string, by = { keyHash: 'k1' }): Promise<boolean> {
    // what only others' holds stand in the way of is refused at the deadline
    const one = ask({ mostUsd: usd, by, deadlineAt: Date.now() + 200 });
    const [answer] = await under.ingress.ask([one]);
    if (answer?.admitted === true) {
      under.ingress.open.delete(one.job);
      under.ingress.release([one.job]);
    }
    return answer?.admitted === true;
  }

  return { under, startReplica, putKey, publish, finish, fits };
}
