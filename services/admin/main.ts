import { randomBytes } from 'node:crypto';
import { checkMasterKey, openPricer } from '#attempts';
import { connectBus, openDeadLetters, openKeysBucket, openScopesBucket, shareMetrics } from '#bus';
import { openDatabase, pingDatabase } from '#db';
import { required, runService } from '#runtime';
import { createAdminApp } from './app.ts';
import { openAlerts } from './alerts/open-alerts.ts';
import { keepEveryCustomer } from './customers/every-customer.ts';
import { createKeyPublisher } from './keys/publish-keys.ts';
import { rotateDueKeys } from './keys/rotate-due-keys.ts';
import { openStoredConfig } from './models/open-stored-config.ts';
import { registerQueueMetrics } from './queues/queue-metrics.ts';
import { createQueueStates } from './queues/queue-states.ts';
import { createScopePublisher } from './scopes/publish-scopes.ts';
import { keepLedger } from './spend/keep-ledger.ts';
import { startTimer } from './timer.ts';
import { openWebhooks } from './webhooks/open-webhooks.ts';

const CONNECTIONS = 12;
const LEDGER_EVERY_MS = 3_600_000;
const ROTATION_EVERY_MS = 30_000;
const END_USERS_EVERY_MS = 30_000;

await runService({
  name: 'admin',
  summary: 'Keys, spend and reports over HTTP; the ingress forwards management routes to it',
  start: async (service) => {
    const { settings, log, releases, health, instance } = service;
    checkMasterKey(settings.masterKey, service);
    const db = openDatabase(required(settings.databaseUrl, 'DATABASE_URL'), service, { connections: CONNECTIONS });
    const bus = await connectBus({ url: required(settings.natsUrl, 'NATS_URL'), name: instance, log });
    releases.add('nats', () => bus.close());
    const keys = createKeyPublisher({ db, sink: await openKeysBucket(bus), log });
    releases.add('key publisher', () => keys.stop());
    keys.start();
    const scopes = createScopePublisher({ db, sink: await openScopesBucket(bus), log });
    releases.add('scope publisher', () => scopes.stop());
    scopes.start();
    const stored = await openStoredConfig(service, { db, bus });
    const queues = createQueueStates({ bus, now: Date.now });
    registerQueueMetrics(service.metrics, queues, Date.now);
    releases.add(
      'metrics',
      shareMetrics(bus, service.instance, () => service.metrics.getMetricsAsJSON()),
    );
    health.add('nats', () => bus.connected);
    health.add('database', () => pingDatabase(db).then(() => true));

    const pricer = await openPricer(stored.config, service);
    const now = () => new Date();
    startTimer('ledger keeping', {
      everyMs: LEDGER_EVERY_MS,
      run: () => keepLedger({ db, settings: () => stored.config.ledger, prompts: () => stored.config.prompts, log, now }),
      log,
      releases,
    });
    startTimer('limits of end users', {
      everyMs: END_USERS_EVERY_MS,
      run: () => keepEveryCustomer({ db, scopes, stored, now, log }),
      log,
      releases,
    });
    await openAlerts({ db, bus, config: () => stored.config, env: service.env, log, now, releases });
    startTimer('key rotation', {
      everyMs: ROTATION_EVERY_MS,
      run: () => rotateDueKeys({ db, keys, masterKey: settings.masterKey, now, log }),
      log,
      releases,
    });
    await openWebhooks({ db, bus, stored, log, now, releases });
    const dead = await openDeadLetters(bus);
    const { masterKey } = settings;
    const app = createAdminApp({
      env: service.env,
      db,
      bus,
      keys,
      scopes,
      stored,
      queues,
      dead,
      pricer,
      masterKey,
      health,
      log,
      now,
      randomBytes,
    });
    releases.add('http', () => app.close());
    await app.listen({ host: settings.host, port: settings.port });
    const address = app.server.address();
    return { port: typeof address === 'object' ? address?.port : undefined };
  },
});
