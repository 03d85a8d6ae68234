import { connect } from 'node:net';
import type { StartedTestContainer } from 'testcontainers';
import type { TestServer } from './test-server.ts';
import { waitFor } from './wait-for.ts';

export interface ContainerSpec {
  readonly image: string;
  readonly port: number;
  /** Fixed, so that the address stays the same when the container is started again. */
  readonly hostPort: number;
  readonly command: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly isReady: () => Promise<boolean>;
}

const STARTUP_TIMEOUT_MS = 60_000;

/**
 * A server in a container, or `undefined` where no Docker engine answers or it can't run the image (no network, say): the
 * caller then runs the local binary.
 */
export async function startContainer(spec: ContainerSpec): Promise<Omit<TestServer, 'url'> | undefined> {
  if (!(await isDockerRunning(process.env))) return undefined;
  const container = await runContainer(spec).catch((error: unknown) => {
    process.stderr.write(`${spec.image} does not run here, the local server is used: ${String(error)}\n`);
    return undefined;
  });
  if (container === undefined) return undefined;
  const awaitReady = async () => void (await waitFor(spec.isReady, { what: `${spec.image} to be ready`, timeoutMs: STARTUP_TIMEOUT_MS }));
  await awaitReady();
  const down = (timeoutMs: number) => container.stop({ remove: false, removeVolumes: false, timeout: timeoutMs });
  return {
    start: async () => {
      await container.restart();
      await awaitReady();
    },
    stop: async () => void (await down(10_000)),
    kill: async () => void (await down(0)),
    remove: async () => void (await container.stop({ remove: true, removeVolumes: true, timeout: 0 })),
  };
}

async function runContainer(spec: ContainerSpec): Promise<StartedTestContainer> {
  // Not needed, and slow to load, where there is no engine.
  const { GenericContainer } = await import('testcontainers');
  return new GenericContainer(spec.image)
    .withExposedPorts({ container: spec.port, host: spec.hostPort })
    .withEnvironment({ ...spec.env })
    .withCommand([...spec.command])
    .withStartupTimeout(STARTUP_TIMEOUT_MS)
    .start();
}

/** Whether something answers at `DOCKER_HOST` (a set one is trusted) or at the usual socket. */
function isDockerRunning(env: Readonly<Record<string, string | undefined>>): Promise<boolean> {
  if (env['DOCKER_HOST'] !== undefined && env['DOCKER_HOST'] !== '') return Promise.resolve(true);
  return new Promise((resolve) => {
    const socket = connect('/var/run/docker.sock');
    const finish = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.on('connect', () => finish(true));
    socket.on('error', () => finish(false));
  });
}
