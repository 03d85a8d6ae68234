import { randomBytes } from 'node:crypto';
import { connectBus, openKeysBucket, shareMetrics } from '#bus';
import { createPool, pingDatabase } from '#db';
import { runService, type ServiceContext } from '#runtime';
import { createAdminApp } from './app.ts';
import { createKeyPublisher } from './keys/publish-keys.ts';

const CONNECTIONS = 12;
const QUERY_TIMEOUT_MS = 15_000;

await runService({
  name: 'admin',
  summary: 'Keys, spend and reports over HTTP; the ingress forwards management routes to it',
  start: async (service) => {
    const { settings, log, releases, health, instance } = service;
    const db = openDatabase(service);
    const bus = await connectBus({ url: required(settings.natsUrl, 'NATS_URL'), name: instance, log });
    releases.add('nats', () => bus.close());
    const keys = createKeyPublisher({ db, sink: await openKeysBucket(bus), log });
    releases.add('key publisher', () => keys.stop());
    keys.start();
    releases.add(
      'metrics',
      shareMetrics(bus, service.instance, () => service.metrics.getMetricsAsJSON()),
    );
    health.add('nats', () => bus.connected);
    health.add('database', () => pingDatabase(db).then(() => true));

    const app = createAdminApp({ db, keys, masterKey: settings.masterKey, health, log, now: () => new Date(), randomBytes });
    releases.add('http', () => app.close());
    await app.listen({ host: settings.host, port: settings.port });
    const address = app.server.address();
    return { port: typeof address === 'object' ? address?.port : undefined };
  },
});

function openDatabase({ settings, instance, log, releases }: ServiceContext) {
  const db = createPool(required(settings.databaseUrl, 'DATABASE_URL'), {
    max: CONNECTIONS,
    name: instance,
    queryTimeoutMs: QUERY_TIMEOUT_MS,
    onIdleError: (error) => log.debug({ err: error }, 'idle database connection ended'),
  });
  releases.add('database', () => db.close());
  return db;
}

function required(value: string | undefined, name: string): string {
  if (value === undefined) throw new Error(`${name} is not set`);
  return value;
}
