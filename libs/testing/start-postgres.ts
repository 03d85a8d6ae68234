import { chown } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  choosePostgresUser,
  ensureCluster,
  freePort,
  isPostgresReady,
  locatePostgres,
  POSTGRES_ENVIRONMENT,
  postgresArguments,
  postgresUrl,
} from '#runtime';
import { startContainer } from './container.ts';
import { canConnect } from './sql.ts';
import { createTempFolder } from './temp-folder.ts';
import { createRestartableProcess, type TestServer } from './test-server.ts';

export type TestPostgres = TestServer;

const PASSWORD = 'test-password';

/**
 * A Postgres of the test's own on loopback with an empty database: a container where a Docker engine answers, else the embedded
 * one. For a database in a server that is there already use `createTestDatabase`, which takes milliseconds; this is for tests
 * that stop it.
 */
export async function startPostgres(): Promise<TestPostgres> {
  const port = await freePort();
  const url = postgresUrl({ port, password: PASSWORD });
  const container = await startContainer({
    image: 'postgres:18',
    port: 5432,
    hostPort: port,
    env: { POSTGRES_USER: 'headrace', POSTGRES_PASSWORD: PASSWORD, POSTGRES_DB: 'headrace' },
    command: ['-c', 'fsync=off', '-c', 'max_connections=200'],
    isReady: () => canConnect(url),
  });
  return container === undefined ? startLocal(port, url) : { url, ...container };
}

async function startLocal(port: number, url: string): Promise<TestPostgres> {
  const folder = await createTempFolder();
  const home = join(folder.path, 'postgres');
  const user = await choosePostgresUser(home);
  const binaries = await locatePostgres(user, join(tmpdir(), `headrace-postgres-${process.getuid?.() ?? 0}`));
  if (user !== undefined) await chown(folder.path, user.uid, user.gid);
  const cluster = await ensureCluster({ home, binaries, user, password: PASSWORD, sync: false });
  const server = createRestartableProcess({
    name: 'postgres',
    command: binaries.postgres,
    // A power cut does not happen to a test, but many test files at once do.
    args: [...postgresArguments(cluster, port), '-c', 'fsync=off', '-c', 'max_connections=200'],
    env: POSTGRES_ENVIRONMENT,
    cwd: cluster,
    uid: user?.uid,
    gid: user?.gid,
    stopSignal: 'SIGINT',
    isReady: (pid) => isPostgresReady(cluster, pid),
  });
  await server.start();
  return {
    url,
    start: server.start,
    stop: () => server.end('SIGINT'),
    kill: () => server.end('SIGKILL'),
    remove: async () => {
      await server.end('SIGQUIT');
      await folder.remove();
    },
  };
}
