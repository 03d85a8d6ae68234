import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { BUS_OPERATOR, BUS_USERS, busAccess, type BusUser } from '#contracts';
import {
  dieWithParent,
  type Environment,
  findNatsServer,
  isNatsReady,
  GATEWAY_ACCOUNT,
  gatewayAccounts,
  natsConfig,
  natsServicePassword,
  natsUrl,
  type NatsUser,
  publishersFile,
  readPublishers,
} from '#runtime';
import type { ChildSpec } from './child.ts';
import { installNatsServer } from './install-nats-server.ts';
import { stopOrphan } from './orphan.ts';
import { keepPort } from './ports.ts';
import { writeSecretFile } from './secret-file.ts';
import { newPassword, readCredentials, writeCredentials } from './server-credentials.ts';
import { UpError } from './up-error.ts';
import { watchPublishers } from './watch-publishers.ts';

export interface EmbeddedServer {
  readonly spec: ChildSpec;
  /** With user and password: for the services' environment, never for a log. */
  readonly url: string;
}

export interface EmbeddedNats extends Omit<EmbeddedServer, 'url'> {
  /** The address with the user and password of one service. */
  urlOf(service: BusUser): string;
  /** Lets publishers in as they are added, and out as they are removed. Returns its end. */
  watch(): () => void;
}

export interface NatsOptions {
  readonly dataDir: string;
  readonly env: Environment;
  readonly say: (text: string) => void;
}

const USERS_FILE = 'users.conf';

/**
 * A server that shares its machine with everything else does best on few threads (on two cores, one takes 20 % less time per
 * message than two) and with its collector at a quarter of the usual frequency (100 MB more at full load).
 */
const SHARED_MACHINE = { GOMAXPROCS: String(Math.max(1, Math.floor(availableParallelism() / 2))), GOGC: '400', GOMEMLIMIT: '1GiB' };

/** Prepares the embedded nats-server: binary, credentials, configuration file. Throws `UpError` when there is no binary to be had. */
export async function prepareNats(options: NatsOptions): Promise<EmbeddedNats> {
  const binary = await obtainBinary(options);
  const folder = join(options.dataDir, 'nats');
  const configFile = join(folder, 'nats.conf');
  const pidFile = join(folder, 'nats.pid');
  const credentialsFile = join(folder, 'credentials.json');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  await stopOrphan({ pidFile, marker: configFile, signal: 'SIGTERM' });
  const kept = readCredentials(credentialsFile);
  const password = kept?.password ?? newPassword();
  const port = await keepPort(kept?.port);
  writeCredentials(credentialsFile, { password, port });
  const writeUsers = (): void => {
    const accounts = gatewayAccounts(usersOf(password), readPublishers(publishersFile(options.dataDir)));
    writeSecretFile(join(folder, USERS_FILE), `${accounts}\n`);
  };
  writeUsers();
  keepStreams(join(folder, 'store', 'jetstream'));
  writeSecretFile(configFile, natsConfig({ port, users: { include: USERS_FILE }, storeDir: join(folder, 'store'), pidFile }));
  const spec: ChildSpec = {
    name: 'nats-server',
    ...dieWithParent({ command: binary, args: ['-c', configFile] }, 'SIGTERM'),
    env: SHARED_MACHINE,
    ready: () => isNatsReady(port),
    stopSignal: 'SIGTERM',
    stopTimeoutMs: 1_400,
  };
  const watch = (): (() => void) => watchPublishers({ file: publishersFile(options.dataDir), pidFile, writeUsers, say: options.say });
  return { spec, watch, urlOf: (service) => natsUrl({ port, user: service, password: natsServicePassword(password, service) }) };
}

/** Before there were accounts of publishers, everything was in the server's own account. */
function keepStreams(folder: string): void {
  const [before, now] = [join(folder, '$G'), join(folder, GATEWAY_ACCOUNT)];
  if (existsSync(before) && !existsSync(now)) renameSync(before, now);
}

/** Each service has a user with the rights it needs; the operator is the person at this machine. */
function usersOf(password: string): NatsUser[] {
  const services = BUS_USERS.map((user) => ({ user, password: natsServicePassword(password, user), access: busAccess(user) }));
  return [{ user: BUS_OPERATOR, password }, ...services];
}

async function obtainBinary({ env, say }: NatsOptions): Promise<string> {
  const found = findOrThrow(env);
  if (found !== undefined) return found;
  const problem = await installNatsServer(say);
  if (problem !== undefined) throw new UpError(problem);
  const installed = findOrThrow(env);
  if (installed === undefined) throw new UpError('nats-server was installed but is not found: name its path in NATS_SERVER_BIN');
  return installed;
}

function findOrThrow(env: Environment): string | undefined {
  try {
    return findNatsServer(env);
  } catch (error) {
    throw new UpError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}
