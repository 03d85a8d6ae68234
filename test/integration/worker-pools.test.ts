import { jetstreamManager } from '@nats-io/jetstream';
import { Registry } from 'prom-client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Bus, ensureTopology, publishDurably, type PulledJob } from '#bus';
import { builtinConfig, createLiveConfig } from '#config';
import { encodeJobMeta, JOB_HEADER, jobConsumer, type JobMeta, JOBS_STREAM, jobSubject } from '#contracts';
import { configProviders } from '#providers';
import { startNats, type TestNats, waitFor } from '#testing';
import { createWorkerMetrics } from '../../services/worker/metrics.ts';
import { createHeldJobs } from '../../services/worker/pool/held-jobs.ts';
import { openPools, type OpenedPools } from '../../services/worker/pool/pools.ts';
import type { WorkerResources } from '../../services/worker/resources.ts';
import { type Buses, createBuses } from './support/bus.ts';

/** The queues of a worker follow its configuration while it runs. */
const MINUTE_MS = 60_000;
let nats: TestNats;
let buses: Buses;
let bus: Bus;
let pools: OpenedPools;
let clockMs = 0;
const ran: string[] = [];
const held = createHeldJobs();

const known = configProviders({});
const live = createLiveConfig({
  load: () => builtinConfig(),
  stored: { env: {}, ...known },
  onProblem: ({ message }) => {
    throw new Error(message);
  },
  now: Date.now,
});
/** Models beside those of the sandbox, by the provider and name that they have upstream. */
const setModels = (models: readonly string[]): void => {
  live.apply(models.map((model) => ({ v: 1, kind: 'model', id: model, modelName: model, litellmParams: { model }, modelInfo: {} })));
};

beforeAll(async () => {
  nats = await startNats();
  buses = createBuses(nats.url);
  bus = await buses.open();
  await ensureTopology(bus);
  const resources = {
    bus,
    ...live,
    onConfigChange: live.onChange,
    log: { debug() {}, info() {}, warn() {}, error() {} },
    metrics: createWorkerMetrics(new Registry()),
    permits: { isFree: () => true, onFreed: () => () => undefined },
    now: () => Date.now() + clockMs,
    random: Math.random,
  };
  const execute = async (pulled: PulledJob): Promise<void> => {
    ran.push(pulled.subject);
    pulled.settle();
  };
  pools = await openPools({ providers: [], concurrency: 4, held, execute }, resources as unknown as WorkerResources);
}, 30_000);
afterAll(async () => {
  pools?.freeze();
  for (const pool of pools?.pools ?? []) {
    void pool.stop();
    pool.close();
  }
  held.close();
  await buses?.close();
  await nats?.remove();
});

let published = 0;
async function publishTo(provider: string): Promise<string> {
  published += 1;
  const candidate = { deploymentId: 'x', provider, tier: 'standard', modelGroup: 'x' };
  const subject = jobSubject({ lane: 'live', tier: 'standard', provider });
  const meta = { v: 1, id: `job-${published}`, attempt: 1, cursor: 0, plan: [candidate], lane: 'live' } as unknown as JobMeta;
  const message = { subject, data: Buffer.from('{}'), messageId: meta.id, headers: { [JOB_HEADER]: encodeJobMeta(meta) } };
  await publishDurably(bus, message, { giveUpAfterMs: 5_000 });
  return subject;
}
const countOf = (subject: string): number => ran.filter((one) => one === subject).length;

test('a provider that gets its first model is pulled for, also what was published before', async () => {
  const early = await publishTo('anthropic');
  setModels(['anthropic/b']);
  await waitFor(() => countOf(early) === 1, { what: 'the job that was there before', timeoutMs: 10_000 });
  expect(pools.pools.map(({ provider }) => provider)).toEqual(['sandbox', 'anthropic']);
});

test('a provider that lost its models is pulled for a while longer, then not; and again when it has one', async () => {
  setModels([]);
  const late = await publishTo('anthropic');
  await waitFor(() => countOf(late) === 2, { what: 'a job that was planned before', timeoutMs: 10_000 });

  clockMs = 16 * MINUTE_MS;
  setModels([]);
  // the queues are looked through one after the other: when this one is open, the others were left
  setModels(['mistral/c']);
  const other = await publishTo('mistral');
  await waitFor(() => countOf(other) === 1, { what: 'another new provider', timeoutMs: 10_000 });
  const manager = await jetstreamManager(bus.nc);
  const consumer = jobConsumer({ lane: 'live', tier: 'standard', provider: 'anthropic' });
  await waitFor(async () => (await manager.consumers.info(JOBS_STREAM, consumer)).num_waiting === 0, {
    what: 'the end of the last pull',
    timeoutMs: 15_000,
  });
  const left = await publishTo('anthropic');
  const control = await publishTo('sandbox');
  await waitFor(() => countOf(control) === 1, { what: 'a provider that was there all along', timeoutMs: 10_000 });
  expect(countOf(left)).toBe(2);

  setModels(['anthropic/b']);
  await waitFor(() => countOf(left) === 3, { what: 'the job that waited', timeoutMs: 15_000 });
});
