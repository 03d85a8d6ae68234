import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Publisher } from '#contracts';
import { findNatsServer, freePort, isNatsReady, gatewayAccounts, natsConfig, natsUrl } from '#runtime';
import { startContainer } from './container.ts';
import { createTempFolder } from './temp-folder.ts';
import { createRestartableProcess, type TestServer } from './test-server.ts';

export type TestNats = TestServer;

const USER = 'test';
const PASSWORD = 'test-password';

export interface NatsOptions {
  /** Let in beside the user who may do everything; asks for a local binary. */
  readonly publishers?: readonly Publisher[] | undefined;
}

/** A nats-server of the test's own with JetStream on loopback: a container where a Docker engine answers, else the local binary. */
export async function startNats({ publishers }: NatsOptions = {}): Promise<TestNats> {
  const port = await freePort();
  const url = natsUrl({ port, user: USER, password: PASSWORD });
  if (publishers !== undefined) return startLocal(port, url, publishers);
  const container = await startContainer({
    image: 'nats:2.12',
    port: 4222,
    hostPort: port,
    command: ['-js', '--user', USER, '--pass', PASSWORD],
    isReady: () => isNatsReady(port),
  });
  return container === undefined ? startLocal(port, url, []) : { url, ...container };
}

async function startLocal(port: number, url: string, publishers: readonly Publisher[]): Promise<TestNats> {
  const binary = findNatsServer(process.env);
  if (binary === undefined) throw new Error('tests need nats-server: install it, or name it in NATS_SERVER_BIN');
  const folder = await createTempFolder();
  const configFile = join(folder.path, 'nats.conf');
  const users = { text: gatewayAccounts([{ user: USER, password: PASSWORD }], publishers) };
  await writeFile(configFile, natsConfig({ port, users, storeDir: join(folder.path, 'store') }));
  const server = createRestartableProcess({
    name: 'nats-server',
    command: binary,
    args: ['-c', configFile],
    stopSignal: 'SIGTERM',
    isReady: () => isNatsReady(port),
  });
  await server.start();
  return {
    url,
    start: server.start,
    stop: () => server.end('SIGTERM'),
    kill: () => server.end('SIGKILL'),
    remove: async () => {
      await server.end('SIGKILL');
      await folder.remove();
    },
  };
}
