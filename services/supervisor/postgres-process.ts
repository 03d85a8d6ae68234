import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import {
  choosePostgresUser,
  dieWithParent,
  ensureCluster,
  isPostgresReady,
  isReachable,
  locatePostgres,
  POSTGRES_ENVIRONMENT,
  postgresArguments,
  type PostgresUser,
  postgresUrl,
} from '#runtime';
import type { EmbeddedServer } from './nats-process.ts';
import { stopOrphan } from './orphan.ts';
import { keepPort } from './ports.ts';
import { newPassword, readCredentials, writeCredentials } from './server-credentials.ts';
import { UpError } from './up-error.ts';

export interface PostgresOptions {
  readonly dataDir: string;
  readonly say: (text: string) => void;
  /** Ends the preparation when the start is given up. */
  readonly signal: AbortSignal;
}

/** Where root keeps what its unprivileged Postgres user must reach, when the data folder or the checkout is out of that user's reach. */
const SYSTEM_HOME = '/var/lib/headrace';

/** Prepares the embedded Postgres: user, binaries, cluster, credentials. Throws `UpError` with the reason when it can't. */
export async function preparePostgres(options: PostgresOptions): Promise<EmbeddedServer> {
  try {
    return await prepare(options);
  } catch (error) {
    throw new UpError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

async function prepare({ dataDir, say, signal }: PostgresOptions): Promise<EmbeddedServer> {
  const credentialsFile = join(dataDir, 'postgres.json');
  const kept = readCredentials(credentialsFile);
  const user = await choosePostgresUser(join(kept?.home ?? join(dataDir, 'postgres'), 'data'));
  const home = kept?.home ?? (await chooseHome(dataDir, user, say));
  const binaries = await locatePostgres(
    user,
    process.getuid?.() === 0 ? SYSTEM_HOME : join(tmpdir(), `headrace-${process.getuid?.() ?? 0}`),
  );
  const password = kept?.password ?? newPassword();
  const cluster = join(home, 'data');
  await stopOrphan({ pidFile: join(cluster, 'postmaster.pid'), marker: cluster, signal: 'SIGINT' });
  const port = await keepPort(kept?.port);
  // Before the cluster is made: a password that only the cluster knows would lock us out.
  writeCredentials(credentialsFile, { password, port, ...(home.startsWith(SYSTEM_HOME) ? { home } : {}) });
  await ensureCluster({ home, binaries, user, password, signal });
  return {
    spec: {
      name: 'postgres',
      ...dieWithParent({ command: binaries.postgres, args: postgresArguments(cluster, port) }, 'SIGINT'),
      env: POSTGRES_ENVIRONMENT,
      cwd: cluster,
      uid: user?.uid,
      gid: user?.gid,
      ready: (pid) => isPostgresReady(cluster, pid),
      // "Fast shutdown": open transactions are rolled back, nobody is waited for.
      stopSignal: 'SIGINT',
      stopTimeoutMs: 1_400,
    },
    url: postgresUrl({ port, password }),
  };
}

/** The data folder where Postgres's user can enter it, else a new folder in `/var/lib/headrace`. */
async function chooseHome(dataDir: string, user: PostgresUser | undefined, say: (text: string) => void): Promise<string> {
  const inside = join(dataDir, 'postgres');
  if (await isReachable(dataDir, user)) return inside;
  if (existsSync(inside)) throw new Error(`${inside} holds a database, but ${user?.name ?? 'its user'} can no longer enter that folder`);
  // A name of its own for every new data folder: one that was deleted and made again must not get its old database back.
  const home = join(SYSTEM_HOME, `${basename(dataDir).replaceAll(/[^\w]/g, '')}-${randomBytes(6).toString('hex')}`);
  mkdirSync(SYSTEM_HOME, { recursive: true, mode: 0o755 });
  say(`Postgres runs as ${user?.name ?? 'another user'}, who can't enter ${dataDir}: its data is kept in ${home}`);
  return home;
}
