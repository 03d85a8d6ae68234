import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort, postgresUrl } from '#runtime';
import { findTestServer, type TestDatabase, createTestDatabase } from './create-test-database.ts';
import { createTempFolder } from './temp-folder.ts';
import { waitFor } from './wait-for.ts';

export type ServiceName = 'ingress' | 'worker' | 'accounting' | 'admin' | 'batches' | 'sandbox' | 'nats-server' | 'postgres';

export interface HeadraceOptions {
  /** YAML text of a configuration file; the built-in sandbox configuration unless given. */
  readonly config?: string;
  /** Added to an environment without keys, addresses and settings of ours. */
  readonly env?: Readonly<Record<string, string>>;
  /** Further flags of `headrace up`. */
  readonly args?: readonly string[];
  /** An existing data folder: it is used and not removed. */
  readonly dataDir?: string;
  /** All of it, as users have it. Else, in a test run, what most tests do without: no batches, and a database in the server of all tests. */
  readonly whole?: true;
}

export interface RunningHeadrace {
  readonly url: string;
  readonly masterKey: string;
  readonly dataDir: string;
  /** Process id of `headrace up` itself. */
  readonly pid: number;
  /** What it printed so far. */
  output(): string;
  /** Of the ledger, as accounting uses it. */
  databaseUrl(): string;
  /** Process ids of a service as of now; empty while it is being restarted. */
  pids(service: ServiceName): Promise<number[]>;
  /** Port of a service that has one of its own, as of now. */
  port(service: ServiceName): Promise<number>;
  /** Sends a signal (SIGKILL unless given) to every process of a service; after SIGKILL resolves when they are gone. */
  kill(service: ServiceName, signal?: NodeJS.Signals): Promise<void>;
  /** Stops everything as Ctrl-C does and removes the data folder; resolves with the exit code. */
  stop(): Promise<number | null>;
}

const MAIN = fileURLToPath(new URL('../../services/supervisor/main.ts', import.meta.url));
const COMPILE_CACHE = fileURLToPath(new URL('../../node_modules/.cache/headrace', import.meta.url));
const READY_TIMEOUT_MS = 30_000;
/** Would lead a test to a real database or provider. */
const FOREIGN_VARIABLES = /^(HEADRACE_|LITELLM_|VITEST|DATABASE_URL$|NATS_URL$|PORT$|HOST$|LOG_LEVEL$)|_API_KEY$/;

/** A free port can be taken by another test between its choice and its use: in a whole run of tests that happens now and then. */
const STARTS = 3;

/** Runs the whole product as `headrace up` does, on free ports, in a data folder of its own. Resolves when it serves requests. */
export async function startHeadrace(options: HeadraceOptions = {}): Promise<RunningHeadrace> {
  for (let start = 1; ; start += 1) {
    try {
      return await startOnce(options);
    } catch (error) {
      if (start === STARTS || !/EADDRINUSE|address already in use/i.test(String(error))) throw error;
    }
  }
}

async function startOnce(options: HeadraceOptions): Promise<RunningHeadrace> {
  const folder = await createTempFolder();
  const dataDir = options.dataDir ?? join(folder.path, 'data');
  const port = await freePort();
  const database = await sharedDatabase(options);
  const env = database === undefined ? (options.env ?? {}) : { DATABASE_URL: database.url, ...options.env };
  const configArgs = options.config === undefined ? [] : ['--config', await writeConfig(folder.path, options.config)];
  const lean = database === undefined ? [] : ['--without', 'batches'];
  const args = ['--port', String(port), '--data-dir', dataDir, ...configArgs, ...lean, ...(options.args ?? [])];
  const child = spawn(process.execPath, [MAIN, ...args], {
    env: testEnvironment(env),
    // The channel ends with the test process, and Headrace with the channel.
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const output = collectOutput(child);
  const stop = async () => {
    const code = await end(child);
    await Promise.all([folder.remove(), database?.remove()]);
    return code;
  };
  try {
    await awaitReady(child, output);
    const masterKey =
      options.env?.['HEADRACE_MASTER_KEY'] ??
      options.env?.['LITELLM_MASTER_KEY'] ??
      (await readFile(join(dataDir, 'master-key'), 'utf8')).trim();
    const databaseUrl = () => env['DATABASE_URL'] ?? embeddedUrl(dataDir);
    return {
      url: `http://127.0.0.1:${port}`,
      masterKey,
      dataDir,
      pid: child.pid ?? 0,
      databaseUrl,
      output,
      stop,
      ...serviceControls(dataDir),
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Undefined where the test brings a database of its own, and outside of a test run. */
async function sharedDatabase({ env, dataDir, whole }: HeadraceOptions): Promise<TestDatabase | undefined> {
  if (whole === true || dataDir !== undefined || env?.['DATABASE_URL'] !== undefined) return undefined;
  return findTestServer() === undefined ? undefined : createTestDatabase();
}

function embeddedUrl(dataDir: string): string {
  return postgresUrl(JSON.parse(readFileSync(join(dataDir, 'postgres.json'), 'utf8')) as { port: number; password: string });
}

function serviceControls(dataDir: string): Pick<RunningHeadrace, 'pids' | 'port' | 'kill'> {
  const pids = async (service: ServiceName) => {
    const pid = (await readProcesses(dataDir))[service]?.pid;
    return pid !== undefined && isAlive(pid) ? [pid] : [];
  };
  return {
    pids,
    port: (service) => waitFor(async () => (await readProcesses(dataDir))[service]?.port, { what: `a port of ${service}` }),
    kill: async (service, signal = 'SIGKILL') => {
      const targets = await waitFor(async () => nonEmpty(await pids(service)), { what: `a process of ${service}` });
      for (const pid of targets) process.kill(pid, signal);
      if (signal === 'SIGKILL') await waitFor(() => !targets.some(isAlive), { what: `${service} to be gone` });
    },
  };
}

function nonEmpty(list: number[]): number[] | undefined {
  return list.length === 0 ? undefined : list;
}

async function writeConfig(folder: string, text: string): Promise<string> {
  const file = join(folder, 'config.yaml');
  await writeFile(file, text);
  return file;
}

function testEnvironment(extra: Readonly<Record<string, string>>): Record<string, string> {
  const inherited = Object.entries(process.env).flatMap(([name, value]) =>
    value === undefined || FOREIGN_VARIABLES.test(name) ? [] : [[name, value] as const],
  );
  return { ...Object.fromEntries(inherited), NODE_ENV: 'production', NODE_COMPILE_CACHE: COMPILE_CACHE, ...extra };
}

function collectOutput(child: ChildProcess): () => string {
  let text = '';
  const append = (chunk: Buffer) => (text += chunk.toString());
  child.stdout?.on('data', append);
  child.stderr?.on('data', append);
  return () => text;
}

async function awaitReady(child: ChildProcess, output: () => string): Promise<void> {
  const ready = waitFor(() => output().includes('is ready at') || child.exitCode !== null, {
    what: 'headrace up to be ready',
    timeoutMs: READY_TIMEOUT_MS,
  });
  await ready.catch((error: unknown) => {
    throw new Error(`headrace up is not ready: ${output()}`, { cause: error });
  });
  if (child.exitCode !== null) throw new Error(`headrace up ended with code ${child.exitCode}: ${output()}`);
}

async function end(child: ChildProcess): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) {
    const exited = once(child, 'exit');
    child.kill('SIGINT');
    await exited;
  }
  return child.exitCode;
}

async function readProcesses(dataDir: string): Promise<Partial<Record<string, { pid: number; port?: number }>>> {
  return JSON.parse(await readFile(join(dataDir, 'processes.json'), 'utf8')) as Record<string, { pid: number; port?: number }>;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
