import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findNatsServer, freePort, isNatsReady, natsConfig, natsUrl } from '#runtime';
import { startContainer } from './container.ts';
import { createTempFolder } from './temp-folder.ts';
import { createRestartableProcess, type TestServer } from './test-server.ts';

export type TestNats = TestServer;

const USER = 'test';
const PASSWORD = 'test-password';

/** A nats-server of the test's own with JetStream on loopback: a container where a Docker engine answers, else the local binary. */
export async function startNats(): Promise<TestNats> {
  const port = await freePort();
  const url = natsUrl({ port, user: USER, password: PASSWORD });
  const container = await startContainer({
    image: 'nats:2.12',
    port: 4222,
    hostPort: port,
    command: ['-js', '--user', USER, '--pass', PASSWORD],
    isReady: () => isNatsReady(port),
  });
  return container === undefined ? startLocal(port, url) : { url, ...container };
}

async function startLocal(port: number, url: string): Promise<TestNats> {
  const binary = findNatsServer(process.env);
  if (binary === undefined) throw new Error('tests need nats-server: install it, or name it in NATS_SERVER_BIN');
  const folder = await createTempFolder();
  const configFile = join(folder.path, 'nats.conf');
  await writeFile(configFile, natsConfig({ port, user: USER, password: PASSWORD, storeDir: join(folder.path, 'store') }));
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
