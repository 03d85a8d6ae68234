import { randomBytes } from 'node:crypto';
import {
  type Bus,
  connectBus,
  ensureTopology,
  type KeysBucket,
  openDeadLetters,
  openKeysBucket,
  openScopesBucket,
  type ScopesBucket,
} from '#bus';
import { createPool, type Database, migrate } from '#db';
import { createPricer } from '#pricing';
import { createHealth } from '#runtime';
import { startNats, startPostgres, type TestNats, type TestPostgres } from '#testing';
import { createAdminApp } from '../../../services/admin/app.ts';
import { createKeyPublisher, type KeyPublisher } from '../../../services/admin/keys/publish-keys.ts';
import { openStoredConfig } from '../../../services/admin/models/open-stored-config.ts';
import { createQueueStates } from '../../../services/admin/queues/queue-states.ts';
import { createScopePublisher, type ScopePublisher } from '../../../services/admin/scopes/publish-scopes.ts';
import type { StoredConfig } from '../../../services/admin/models/stored-config.ts';

export const MASTER_KEY = 'sk-master-0123456789abcdef';
const quiet = { info() {}, warn() {}, error() {} };

export interface AdminUnderTest {
  readonly nats: TestNats;
  readonly postgres: TestPostgres;
  readonly bus: Bus;
  readonly db: Database;
  readonly bucket: KeysBucket;
  readonly publisher: KeyPublisher;
  readonly scopesBucket: ScopesBucket;
  readonly scopes: ScopePublisher;
  readonly stored: StoredConfig;
  readonly app: ReturnType<typeof createAdminApp>;
  /** A call with the master key, or with `as`; `body` makes it a POST. */
  call(
    path: string,
    options?: { body?: unknown; as?: string | undefined; method?: 'PATCH' | 'PUT' | 'DELETE' | undefined },
  ): Promise<{ status: number; json: any; headers: Record<string, unknown> }>;
  remove(): Promise<void>;
}

/** The admin app over a real Postgres and a real bucket; its clock can be set. */
export async function startAdmin(clock: { now: () => Date } = { now: () => new Date() }): Promise<AdminUnderTest> {
  const [nats, postgres] = await Promise.all([startNats(), startPostgres()]);
  await migrate(postgres.url);
  const db = createPool(postgres.url, { max: 6, onIdleError: () => undefined });
  const bus = await connectBus({ url: nats.url, name: 'test', log: quiet });
  await ensureTopology(bus);
  const bucket = await openKeysBucket(bus);
  const publisher = createKeyPublisher({ db, sink: bucket, log: quiet });
  const scopesBucket = await openScopesBucket(bus);
  const scopes = createScopePublisher({ db, sink: scopesBucket, log: quiet });
  const health = createHealth();
  health.add('database', () => db.pool.query('select 1').then(() => true));
  health.started();
  const releases: (() => unknown)[] = [];
  const service = {
    settings: { masterKey: MASTER_KEY },
    env: {},
    log: quiet,
    releases: { add: (_name: string, release: () => unknown) => void releases.push(release) },
  };
  const stored = await openStoredConfig(service, { db, bus });
  const app = createAdminApp({
    env: {},
    db,
    keys: publisher,
    scopes,
    stored,
    bus,
    dead: await openDeadLetters(bus),
    queues: createQueueStates({ bus, now: Date.now }),
    masterKey: MASTER_KEY,
    health,
    log: quiet,
    now: () => clock.now(),
    randomBytes,
    pricer: createPricer(),
  });
  return {
    nats,
    postgres,
    bus,
    db,
    bucket,
    publisher,
    scopesBucket,
    scopes,
    stored,
    app,
    async call(path, options = {}) {
      const response = await app.inject({
        method: options.method ?? (options.body === undefined ? 'GET' : 'POST'),
        url: path,
        headers: { authorization: `Bearer ${options.as ?? MASTER_KEY}` },
        ...(options.body === undefined ? {} : { payload: options.body as object }),
      });
      return { status: response.statusCode, json: response.json(), headers: response.headers };
    },
    async remove() {
      await app.close();
      await publisher.stop();
      await scopes.stop();
      for (const release of releases) await release();
      await bus.close();
      await db.close();
      await Promise.all([nats.remove(), postgres.remove()]);
    },
  };
}
