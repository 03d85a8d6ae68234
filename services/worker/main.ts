import { readFileSync } from 'node:fs';
import { loadLiveConfig, openHealth, openPricer } from '#attempts';
import { connectBus, ensureTopology, openBodyStore, shareMetrics } from '#bus';
import { isHedgingConfigured } from '#config';
import { createGuardTools } from '#guardrails';
import { createPromptKeeper } from '#prompts';
import { findProvider } from '#providers';
import { runService, type ServiceContext } from '#runtime';
import { createMediaFetcher, createUpstream } from '#upstream';
import { createTargetResolver } from './attempt/upstream-target.ts';
import { openPermits } from './limits/open-permits.ts';
import { startHealthChecks } from './health-checks.ts';
import { createOneATurn } from './job/one-a-turn.ts';
import { createWorkerMetrics } from './metrics.ts';
import type { WorkerResources } from './resources.ts';
import { createDeploymentMeter } from './status/deployment-meter.ts';
import { openWorkerRuns } from './run/worker-runs.ts';
import { startWorker } from './worker.ts';

const DEFAULT_CONCURRENCY = 1_024;
/** Streams of reasoning models take minutes: an installation that restarts workers under load gives them more (`HEADRACE_SHUTDOWN_MS`). */
const SHUTDOWN_MS = 25_000;
/** For closing connections behind the last job. */
const CLOSING_MS = 100;

/** A cancelled call keeps its caller's slot until it is booked: one by itself waits a moment, those of a burst until it is over. */
const AFTER_CANCELS = { quietMs: 10, mostMs: 100 };

await runService({
  name: 'worker',
  summary: 'Pulls jobs as fast as their providers can serve them and calls the providers',
  shutdownDeadlineMs: SHUTDOWN_MS,
  options: (command) =>
    command
      .option('--provider <names>', 'providers to serve, separated by commas (default: all of the configuration)', parseList)
      .option('--concurrency <n>', 'jobs at a time and provider', parseConcurrency, DEFAULT_CONCURRENCY),
  start: async (service) => {
    const resources = await createResources(service);
    const providers = (service.flags['provider'] as string[] | undefined) ?? [];
    checkProviders(providers, resources);
    const worker = await startWorker({ providers, concurrency: Number(service.flags['concurrency']) }, resources);
    service.releases.add('health checks', startHealthChecks(resources.healthBucket, resources));
    service.releases.add('worker', () => worker.stop(service.shutdownMs - CLOSING_MS));
    service.releases.add(
      'metrics',
      shareMetrics(resources.bus, service.instance, () => service.metrics.getMetricsAsJSON()),
    );
    service.health.add('nats', () => resources.bus.connected);
  },
});

async function createResources(service: ServiceContext): Promise<WorkerResources> {
  const { settings, log, env, releases, instance } = service;
  const live = loadLiveConfig(service, { needsSecrets: true });
  const { config, models } = live;
  const open = async (purpose: string) => {
    const bus = await connectBus({ url: settings.natsUrl ?? '', name: `${instance} ${purpose}`, log });
    releases.add(`nats ${purpose}`, () => bus.close());
    return bus;
  };
  const [bus, bulk] = await Promise.all([open('jobs'), open('bodies')]);
  await ensureTopology(bus);
  await live.follow(bus);
  const onRelease = (release: () => void): void => releases.add('health', release);
  const health = await openHealth({ by: instance, bus, live, log, onRelease });
  const metrics = createWorkerMetrics(service.metrics);
  const clock = { now: Date.now, random: Math.random };
  const highestAuto = Number(service.flags['concurrency']);
  const limits = await openPermits({ bus, config, log, metrics, workerId: instance, ...clock }, { highestAuto });
  releases.add('limits', () => limits.close());
  const upstream = createUpstream();
  releases.add('upstream', () => upstream.close());
  const runs = await openWorkerRuns(bus, config.jobs);
  releases.add('cancelled jobs', () => runs.close());
  const prompts = createPromptKeeper({ bus: bulk, log });
  releases.add('prompts', () => prompts.settled());
  return {
    workerId: instance,
    runs,
    prompts,
    log,
    bus,
    bodies: await openBodyStore(bulk),
    upstream,
    fetchMedia: createMediaFetcher({ ...config.media, allowedHosts: config.media.allowedPrivateHosts }),
    config,
    guardTools: createGuardTools({ env, config, log }),
    models,
    onConfigChange: live.onChange,
    health: health.board,
    healthBucket: health.bucket,
    pricer: await openPricer(config, service),
    targetOf: createTargetResolver({ env, fetch, now: Date.now, readFile: (path) => readFileSync(path, 'utf8') }),
    metrics,
    permits: limits.permits,
    meter: createDeploymentMeter(Date.now, { withTimes: isHedgingConfigured(config) }),
    afterCancels: createOneATurn(AFTER_CANCELS),
    ...clock,
  };
}

/** A worker may be there before the first model of its provider is made. */
function checkProviders(providers: readonly string[], { config, log }: WorkerResources): void {
  const unused = providers.filter((name) => !config.deployments.some((one) => one.provider === name));
  const unknown = unused.find((name) => findProvider(name) === undefined);
  if (unknown !== undefined)
    throw new Error(`--provider ${unknown}: no deployment of the configuration uses it, and no provider has this id`);
  if (unused.length > 0) log.warn({ providers: unused }, 'no deployment of the configuration uses these providers yet');
}

function parseList(value: string): string[] {
  return value
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
}

function parseConcurrency(value: string): number {
  const count = Number(value);
  if (Number.isSafeInteger(count) && count >= 1 && count <= 100_000) return count;
  throw new Error(`--concurrency ${value}: give a whole number from 1 to 100000`);
}
