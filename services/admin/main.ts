import { randomBytes } from 'node:crypto';
import { connectBus, openKeysBucket, shareMetrics } from '#bus';
import { openDatabase, pingDatabase } from '#db';
import { required, runService } from '#runtime';
import { createAdminApp } from './app.ts';
import { createKeyPublisher } from './keys/publish-keys.ts';

const CONNECTIONS = 12;

await runService({
  name: 'admin',
  summary: 'Keys, spend and reports over HTTP; the ingress forwards management routes to it',
  start: async (service) => {
    const { settings, log, releases, health, instance } = service;
    const db = openDatabase(required(settings.databaseUrl, 'DATABASE_URL'), service, { connections: CONNECTIONS });
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
