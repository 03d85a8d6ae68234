import { hash } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import { loadLiveConfig } from '#attempts';
import { connectBus, ensureTopology, openKeysBucket, openRunStore, shareMetrics } from '#bus';
import { DEFAULT_BATCHES, DEFAULT_JOBS, resolveSecret } from '#config';
import { openDatabase, pingDatabase } from '#db';
import { required, runService, type ServiceContext } from '#runtime';
import { createBatchesApp } from './app.ts';
import { keepForgettingFiles } from './files/forget-files.ts';
import { createPostgresStore } from './files/postgres-store.ts';
import { createS3Store } from './files/s3-store.ts';
import type { BatchesResources } from './resources.ts';
import { startRunner } from './runner/start-runner.ts';

const CONNECTIONS = 12;

await runService({
  name: 'batches',
  summary: 'Files and batches over HTTP, and the running of batches; the ingress forwards their routes to it',
  start: async (service) => {
    const { settings, releases, health } = service;
    const runner: { wake: () => void } = { wake: () => undefined };
    const resources = await openResources(service, () => runner.wake());
    const { bus, db } = resources;
    releases.add(
      'metrics',
      shareMetrics(bus, service.instance, () => service.metrics.getMetricsAsJSON()),
    );
    health.add('nats', () => bus.connected);
    health.add('database', () => pingDatabase(db).then(() => true));
    releases.add('old files', keepForgettingFiles(resources));
    const started = startRunner(resources);
    runner.wake = started.wake;
    releases.add('batches', () => started.stop());
    const app = await createBatchesApp(resources);
    releases.add('http', () => app.close());
    await app.listen({ host: settings.host, port: settings.port });
    const address = app.server.address();
    return { port: typeof address === 'object' ? address?.port : undefined };
  },
});

async function openResources(service: ServiceContext, wake: () => void): Promise<BatchesResources> {
  const { settings, env, log, releases, instance } = service;
  const { config } = loadLiveConfig(service);
  const db = openDatabase(required(settings.databaseUrl, 'DATABASE_URL'), service, { connections: CONNECTIONS });
  const bus = await connectBus({ url: required(settings.natsUrl, 'NATS_URL'), name: instance, log });
  releases.add('nats', () => bus.close());
  await ensureTopology(bus);
  const masterKey = settings.masterKey ?? resolveSecret(config.general.masterKey, env);
  const { s3, ...limits } = config.batches ?? DEFAULT_BATCHES;
  return {
    db,
    bus,
    runs: await openRunStore(bus, config.jobs ?? DEFAULT_JOBS),
    keys: await openKeysBucket(bus),
    store: s3 === undefined ? createPostgresStore(db) : createS3Store({ settings: s3, env, now: Date.now }),
    masterKeyHash: masterKey === undefined ? undefined : hash('sha256', masterKey),
    limits,
    access: config.access,
    instance,
    log,
    now: Date.now,
    newId: (prefix) => prefix + uuidv7().replaceAll('-', ''),
    wake,
  };
}
