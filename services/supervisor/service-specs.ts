import { fileURLToPath } from 'node:url';
import type { BusUser } from '#contracts';
import { NODE_FLAGS } from '#runtime';
import type { ChildSpec } from './child.ts';
import { serviceEnvironment, type ServiceEnvironmentOptions } from './service-environment.ts';

export interface ServiceAddresses {
  readonly host: string;
  readonly port: number;
  readonly adminPort: number;
  readonly sandboxPort: number;
  /** Undefined where nobody serves batches. */
  readonly batchesPort: number | undefined;
  /** With the user of one service. */
  readonly natsUrlOf: (service: BusUser) => string;
  readonly masterKey: string;
  /** What admin seals secrets with and workers open them with. */
  readonly saltKey: string;
}

export interface ServiceSpecs {
  readonly ingress: ChildSpec;
  readonly worker: ChildSpec;
  readonly sandbox: ChildSpec;
  admin(databaseUrl: string): ChildSpec;
  accounting(databaseUrl: string): ChildSpec;
  batches(databaseUrl: string): ChildSpec;
}

/** A stop of everything takes under 5 s: the longest of each stage (see `children.ts`) add up to 4.8 s. */
const STOP_TIMEOUT_MS = { ingress: 1_300, admin: 1_300, batches: 1_300, worker: 1_300, accounting: 800, sandbox: 800 } as const;
/** What a service has for its own releases is shorter, so that it ends by itself before it is killed. */
const KILL_MARGIN_MS = 200;

type ServiceName = keyof typeof STOP_TIMEOUT_MS;

/** How each service of this product is started on this machine: as its own Node process, seen by its path in the process list. */
export function createServiceSpecs(addresses: ServiceAddresses, environment: ServiceEnvironmentOptions): ServiceSpecs {
  const { host, port, adminPort, sandboxPort, batchesPort, natsUrlOf, masterKey, saltKey } = addresses;
  const spec = (name: ServiceName, flags: readonly string[], extra: Readonly<Record<string, string>>): ChildSpec => ({
    name,
    command: process.execPath,
    args: [...NODE_FLAGS, fileURLToPath(new URL(`../${name}/main.ts`, import.meta.url)), ...flags],
    env: serviceEnvironment(name, { ...extra, HEADRACE_SHUTDOWN_MS: String(STOP_TIMEOUT_MS[name] - KILL_MARGIN_MS) }, environment),
    ready: 'message',
    stopSignal: 'SIGTERM',
    stopTimeoutMs: STOP_TIMEOUT_MS[name],
  });
  const listen = (address: string, listenPort: number) => ['--host', address, '--port', String(listenPort)];
  const loopback = (listenPort: number) => `http://127.0.0.1:${listenPort}`;
  return {
    ingress: spec('ingress', listen(host, port), {
      NATS_URL: natsUrlOf('ingress'),
      HEADRACE_ADMIN_URL: loopback(adminPort),
      ...(batchesPort === undefined ? {} : { HEADRACE_BATCHES_URL: loopback(batchesPort) }),
      HEADRACE_MASTER_KEY: masterKey,
    }),
    worker: spec('worker', [], {
      NATS_URL: natsUrlOf('worker'),
      HEADRACE_SANDBOX_URL: `${loopback(sandboxPort)}/v1`,
      HEADRACE_SALT_KEY: saltKey,
    }),
    sandbox: spec('sandbox', listen('127.0.0.1', sandboxPort), {}),
    admin: (databaseUrl) =>
      spec('admin', listen('127.0.0.1', adminPort), {
        NATS_URL: natsUrlOf('admin'),
        DATABASE_URL: databaseUrl,
        HEADRACE_MASTER_KEY: masterKey,
        HEADRACE_SALT_KEY: saltKey,
      }),
    batches: (databaseUrl) =>
      spec('batches', listen('127.0.0.1', batchesPort ?? 0), {
        NATS_URL: natsUrlOf('batches'),
        DATABASE_URL: databaseUrl,
        HEADRACE_MASTER_KEY: masterKey,
      }),
    accounting: (databaseUrl) => spec('accounting', [], { NATS_URL: natsUrlOf('accounting'), DATABASE_URL: databaseUrl }),
  };
}
