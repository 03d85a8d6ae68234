import { saltKeyFrom } from '#config';
import { configProviders, KEYED_PROVIDERS_VARIABLE } from '#providers';
import { resolve } from 'node:path';
import { type Environment, freePort, freePorts, type ReleaseStack, type ServiceSettings } from '#runtime';
import { awaitAdmin } from './await-admin.ts';
import { publicUrl, renderBanner } from './banner.ts';
import { createChildEvents } from './child-events.ts';
import { type Children, createChildren } from './children.ts';
import { type ChildSpec, StartError } from './child.ts';
import { compileCacheFolder } from './compile-cache.ts';
import { prepareDataFolder } from './data-folder.ts';
import { acquireLock } from './lock.ts';
import { checkMasterKey, type MasterKey, resolveMasterKey } from './master-key.ts';
import { prepareNats } from './nats-process.ts';
import { assertPortUsable } from './ports.ts';
import { preparePostgres } from './postgres-process.ts';
import { createProcessesFile } from './processes-file.ts';
import { readUpConfig, type UpConfig } from './read-config.ts';
import { openServiceLogs } from './service-logs.ts';
import { createServiceSpecs, type ServiceAddresses, type ServiceSpecs } from './service-specs.ts';
import type { Terminal } from './terminal.ts';
import { UpError } from './up-error.ts';
import type { OptionalService } from './without.ts';

export interface UpOptions {
  readonly settings: ServiceSettings;
  /** Not started. */
  readonly without: ReadonlySet<OptionalService>;
  readonly env: Environment;
  readonly terminal: Terminal;
  readonly releases: ReleaseStack;
  /** Aborted when everything is to stop, also in the middle of the start. */
  readonly signal: AbortSignal;
  /** Told as soon as there is something to kill. */
  readonly onChildren: (children: Children) => void;
}

/**
 * Starts everything on this machine and resolves when requests are served, management ones too; what it acquired is in `releases`. Rejects with
 * `UpError` when something is wrong that a person can put right.
 */
export async function up(options: UpOptions): Promise<void> {
  const { settings, env, terminal, releases } = options;
  const config = readUpConfig(settings.configFile, env);
  const port = settings.port === 0 ? await freePort() : settings.port;
  const url = publicUrl(settings.host, port);
  prepareDataFolder(settings.dataDir);
  const lock = acquireLock({ dataDir: settings.dataDir, url, pid: process.pid });
  releases.add('lock', () => lock.release());
  await assertPortUsable(port, settings.host);
  for (const warning of config.config.warnings) terminal.warn(warning);
  const masterKey = resolveMasterKey({ dataDir: settings.dataDir, env, fromConfig: config.masterKey });
  checkMasterKey(masterKey, { host: settings.host, isWeakAllowed: settings.allowsWeakMasterKey, warn: terminal.warn });
  const logs = openServiceLogs(settings.dataDir);
  releases.add('logs', () => logs.close());
  const children = openChildren(options, logs);
  try {
    await startAll({ options, config, port, masterKey, children });
    await awaitAdmin({ url, signal: options.signal });
  } catch (error) {
    if (!(error instanceof StartError)) throw error;
    throw new UpError(`${error.message}\nThe whole story is in ${logs.folder}/${error.child}.log`, { cause: error });
  }
  terminal.say(renderBanner({ url, masterKey: masterKey.place, model: firstModel(config), logsDir: logs.folder }));
}

function openChildren(options: UpOptions, logs: ReturnType<typeof openServiceLogs>): Children {
  const { settings, terminal, releases, signal } = options;
  const processes = createProcessesFile(settings.dataDir);
  releases.add('processes.json', () => processes.remove());
  const children = createChildren(createChildEvents({ logs, terminal, processes, isStopping: () => signal.aborted, now: Date.now }));
  releases.add('processes', () => children.stop());
  options.onChildren(children);
  return children;
}

interface StartAll {
  readonly options: UpOptions;
  readonly config: UpConfig;
  readonly port: number;
  readonly masterKey: MasterKey;
  readonly children: Children;
}

type NatsUrlOf = ServiceAddresses['natsUrlOf'];

/** Everything starts as soon as what it stands on is ready: ingress, worker and sandbox need NATS alone, the others the database too. */
async function startAll(start: StartAll): Promise<void> {
  const { children, config, options } = start;
  const isWanted = ({ name }: ChildSpec): boolean =>
    !options.without.has(name as OptionalService) && (name !== 'sandbox' || config.needsSandbox);
  const startThese = (specs: readonly ChildSpec[]) => Promise.all(specs.filter(isWanted).map((spec) => children.start(spec)));
  const natsUrl = startNats(start);
  const databaseUrl = startDatabase(start);
  const specs = natsUrl.then((url) => buildSpecs(start, url));
  const withNats = specs.then(({ ingress, worker, sandbox }) => startThese([ingress, worker, sandbox]));
  const withDatabase = Promise.all([specs, databaseUrl]).then(([all, url]) =>
    startThese([all.admin(url), all.accounting(url), all.batches(url)]),
  );
  await Promise.all([withNats, withDatabase]);
}

async function startNats({ options, children }: StartAll): Promise<NatsUrlOf> {
  const { settings, env, terminal } = options;
  const { natsUrl } = settings;
  if (natsUrl !== undefined) return () => natsUrl;
  const nats = await prepareNats({ dataDir: settings.dataDir, env, say: terminal.say });
  await children.start(nats.spec);
  options.releases.add('publishers', nats.watch());
  return nats.urlOf;
}

async function startDatabase({ options, config, children }: StartAll): Promise<string> {
  const { settings, terminal } = options;
  const given = settings.databaseUrl ?? config.databaseUrl?.value;
  // Loaded while Postgres starts.
  const database = import('#db');
  database.catch(() => undefined);
  if (given === undefined) {
    const postgres = await preparePostgres({ dataDir: settings.dataDir, say: terminal.say, signal: options.signal });
    await children.start(postgres.spec);
    await (await database).migrate(postgres.url);
    return postgres.url;
  }
  try {
    await (await database).migrate(given);
  } catch (error) {
    throw new UpError(`the database of DATABASE_URL can't be used: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
  return given;
}

async function buildSpecs({ options, config, port, masterKey }: StartAll, natsUrlOf: NatsUrlOf): Promise<ServiceSpecs> {
  const { settings, env } = options;
  const [adminPort = 0, sandboxPort = 0, batchesPort = 0] = await freePorts(3);
  const saltKey = settings.saltKey ?? saltKeyFrom(masterKey.key);
  const addresses = {
    host: settings.host,
    port,
    adminPort,
    sandboxPort,
    batchesPort: options.without.has('batches') ? undefined : batchesPort,
    natsUrlOf,
    masterKey: masterKey.key,
    saltKey,
  };
  const common = {
    LOG_LEVEL: settings.logLevel,
    HEADRACE_HOME: settings.dataDir,
    // it was looked at here, where its source is known
    HEADRACE_ALLOW_WEAK_MASTER_KEY: 'true',
    HEADRACE_CONFIG: settings.configFile === undefined ? undefined : resolve(settings.configFile),
    NODE_COMPILE_CACHE: compileCacheFolder(env),
    [KEYED_PROVIDERS_VARIABLE]: configProviders(env).keyedProviders.join(','),
  };
  const administration = [config.masterKey?.variable, config.databaseUrl?.variable].filter((name) => name !== undefined);
  return createServiceSpecs(addresses, { env, settingNames: config.settingNames, administration: new Set(administration), common });
}

function firstModel({ config }: UpConfig): string | undefined {
  return config.deployments.map((deployment) => deployment.modelGroup).find((group) => !group.includes('*'));
}
