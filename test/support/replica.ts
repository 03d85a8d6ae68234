import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort, natsServicePassword, natsUrl } from '#runtime';
import type { RunningHeadrace } from '#testing';

/** A further process of a service beside those of a running Headrace, on the same NATS and with the same configuration. */
export interface Replica {
  readonly pid: number;
  /** Of an ingress. */
  readonly url: string;
  /** kill -9; resolves when it is gone. */
  kill(): Promise<void>;
  stop(): Promise<void>;
}

const READY_TIMEOUT_MS = 20_000;

/** Resolves when it serves. A worker gets the environment of the test in addition, as `env`. */
export async function startReplica(
  headrace: RunningHeadrace,
  service: 'ingress' | 'worker' | 'accounting',
  env: Readonly<Record<string, string>> = {},
  flags: readonly string[] = [],
): Promise<Replica> {
  const port = await freePort();
  const config = join(dirname(headrace.dataDir), 'config.yaml');
  const main = fileURLToPath(new URL(`../../services/${service}/main.ts`, import.meta.url));
  const place = service === 'ingress' ? ['--host', '127.0.0.1', '--port', String(port)] : [];
  const child = spawn(process.execPath, [main, ...place, ...flags], {
    env: {
      PATH: process.env['PATH'],
      NODE_ENV: 'production',
      NATS_URL: natsAddress(headrace, service),
      HEADRACE_MASTER_KEY: service === 'ingress' ? headrace.masterKey : undefined,
      HEADRACE_ADMIN_URL: `http://127.0.0.1:${await headrace.port('admin')}`,
      HEADRACE_CONFIG: existsSync(config) ? config : undefined,
      DATABASE_URL: service === 'accounting' ? headrace.databaseUrl() : undefined,
      ...env,
    },
    // the channel ends with the test process, and the replica with the channel
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const exited = once(child, 'exit');
  const timer = setTimeout(() => child.kill('SIGKILL'), READY_TIMEOUT_MS);
  const isReady = await Promise.race([once(child, 'message').then(() => true), exited.then(() => false)]);
  clearTimeout(timer);
  if (!isReady) throw new Error(`a second ${service} did not start`);
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    child.kill(signal);
    await exited;
  };
  return { pid: child.pid ?? 0, url: `http://127.0.0.1:${port}`, kill: () => end('SIGKILL'), stop: () => end('SIGTERM') };
}

function natsAddress({ dataDir }: RunningHeadrace, service: string): string {
  const { port, password } = JSON.parse(readFileSync(join(dataDir, 'nats', 'credentials.json'), 'utf8')) as {
    port: number;
    password: string;
  };
  return natsUrl({ port, user: service, password: natsServicePassword(password, service) });
}
