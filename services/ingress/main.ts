import { hash } from 'node:crypto';
import { connectBus, ensureTopology, openBodyStore, openKeysBucket, shareMetrics } from '#bus';
import { createModelIndex, loadConfig, resolveSecret } from '#config';
import { GatewayError } from '#contracts';
import { createPricer } from '#pricing';
import { configProviders } from '#providers';
import { runService, type ServiceContext } from '#runtime';
import { createIngressApp } from './app.ts';
import { createKeyCache } from './auth/key-cache.ts';
import { createJobIds } from './job/job-ids.ts';
import { createPendingJobs } from './job/pending-jobs.ts';
import { startWatchdog } from './job/watchdog.ts';
import { createIngressMetrics } from './metrics.ts';
import type { IngressResources } from './resources.ts';

await runService({
  name: 'ingress',
  summary: 'The public HTTP endpoint: authenticates, plans, publishes jobs and relays their answers',
  start: async (service) => {
    const resources = await createResources(service);
    const app = await createIngressApp({ adminUrl: service.settings.adminUrl, registry: service.metrics }, resources);
    const stopWatchdog = startWatchdog(resources);
    service.releases.add('watchdog', stopWatchdog);
    service.releases.add(
      'metrics',
      shareMetrics(resources.link, service.instance, () => service.metrics.getMetricsAsJSON()),
    );
    service.releases.add('http server', () => app.close());
    service.releases.add('pending jobs', () => endPendingJobs(resources));
    service.health.add('nats', () => resources.bus.connected && resources.link.connected);
    await app.listen({ port: service.settings.port, host: service.settings.host });
    const address = app.server.address();
    return { port: typeof address === 'object' && address ? address.port : service.settings.port };
  },
});

async function createResources(service: ServiceContext): Promise<IngressResources> {
  const { settings, log, env, releases, instance } = service;
  const config = loadConfig({ file: settings.configFile, env, ...configProviders(env) });
  const open = async (purpose: string) => {
    const bus = await connectBus({ url: settings.natsUrl ?? '', name: `${instance} ${purpose}`, log });
    releases.add(`nats ${purpose}`, () => bus.close());
    return bus;
  };
  const [bus, link, bulk] = await Promise.all([open('jobs'), open('frames'), open('bodies')]);
  await ensureTopology(bus);
  const keys = await createKeyCache(await openKeysBucket(link));
  releases.add('key cache', () => keys.close());
  const masterKey = settings.masterKey ?? resolveSecret(config.general.masterKey, env);
  const metrics = createIngressMetrics(service.metrics);
  const pending = createPendingJobs({ ingressId: instance, bus, link, metrics, now: Date.now });
  releases.add('frames', () => pending.close());
  return {
    ingressId: instance,
    log,
    bus,
    link,
    bodies: await openBodyStore(bulk),
    keys,
    masterKeyHash: masterKey && hash('sha256', masterKey),
    config,
    models: createModelIndex(config),
    pricer: createPricer(),
    pending,
    metrics,
    now: Date.now,
    random: Math.random,
    newJobId: createJobIds(),
  };
}

/** The clients can't be kept when their connections end here: they get a clear error, and their jobs are cancelled. */
async function endPendingJobs(resources: IngressResources): Promise<void> {
  const error = new GatewayError('service_unavailable', 'The gateway is shutting down. Send the request again.', { retryAfterMs: 1_000 });
  for (const job of [...resources.pending.all()]) resources.pending.cancel(job, error);
  await resources.link.flush();
}
