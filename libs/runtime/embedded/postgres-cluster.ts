import { chown, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PostgresBinaries } from './postgres-binaries.ts';
import type { PostgresUser } from './postgres-user.ts';
import { runProgram } from './run-program.ts';

export const POSTGRES_ROLE = 'headrace';
export const POSTGRES_DATABASE = 'headrace';

export interface ClusterOptions {
  /** Folder that holds the cluster's own folder; must be reachable for `user`. */
  readonly home: string;
  readonly binaries: PostgresBinaries;
  readonly user: PostgresUser | undefined;
  readonly password: string;
  readonly signal?: AbortSignal | undefined;
  /** Whether the new files are forced to disk before they count as there; only tests say no. */
  readonly sync?: boolean | undefined;
}

/** Postgres writes times and messages the same on every machine, and sees nothing of our environment. */
export const POSTGRES_ENVIRONMENT: Readonly<Record<string, string>> = { LC_ALL: 'C', TZ: 'UTC', PATH: '/usr/bin:/bin' };

/**
 * Makes sure there is a cluster with our role and database in `<home>/data` and resolves with that path. Made under another
 * name and renamed when complete, so that a start cut short leaves nothing half-made. Rejects with Postgres's own words.
 */
export async function ensureCluster(options: ClusterOptions): Promise<string> {
  const cluster = join(options.home, 'data');
  const version = await readFile(join(cluster, 'PG_VERSION'), 'utf8').catch(() => undefined);
  if (version === undefined) await createCluster(options, cluster);
  else checkVersion(cluster, version.trim(), options.binaries.majorVersion);
  return cluster;
}

/** Command line of a server on loopback TCP only. Memory is modest: a ledger and a few hundred keys, not an analytics box. */
export function postgresArguments(cluster: string, port: number): string[] {
  const settings = {
    listen_addresses: '127.0.0.1',
    port,
    unix_socket_directories: '',
    shared_buffers: '64MB',
    max_connections: 60,
    max_wal_size: '256MB',
    jit: 'off',
    timezone: 'UTC',
    log_timezone: 'UTC',
    // One line each ten minutes otherwise, in a log that people read for errors.
    log_checkpoints: 'off',
  };
  return ['-D', cluster, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])];
}

export function postgresUrl(options: { readonly port: number; readonly password: string; readonly database?: string }): string {
  return `postgres://${POSTGRES_ROLE}:${options.password}@127.0.0.1:${options.port}/${options.database ?? POSTGRES_DATABASE}`;
}

/** Whether the server with this process id accepts connections: it says so in the last line of its pid file, as pg_ctl knows too. */
export async function isPostgresReady(cluster: string, pid: number): Promise<boolean> {
  const text = await readFile(join(cluster, 'postmaster.pid'), 'utf8').catch(() => '');
  const lines = text.split('\n');
  return Number(lines[0]) === pid && lines[7]?.trim() === 'ready';
}

async function createCluster(options: ClusterOptions, cluster: string): Promise<void> {
  const { home, binaries, user, signal } = options;
  const unfinished = join(home, 'data.new');
  const passwordFile = join(home, 'password.new');
  await mkdir(home, { recursive: true, mode: 0o700 });
  await rm(unfinished, { recursive: true, force: true });
  await writeFile(passwordFile, options.password, { mode: 0o600 });
  if (user !== undefined) await Promise.all([home, passwordFile].map((path) => chown(path, user.uid, user.gid)));
  const run = { uid: user?.uid, gid: user?.gid, cwd: home, env: POSTGRES_ENVIRONMENT, signal };
  try {
    const locale = ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'];
    const durability = options.sync === false ? ['--no-sync'] : [];
    const access = [`--username=${POSTGRES_ROLE}`, '--auth=scram-sha-256', `--pwfile=${passwordFile}`];
    await mustSucceed('initdb', await runProgram(binaries.initdb, ['-D', unfinished, ...access, ...locale, ...durability], run));
    // Single-user mode needs neither a port nor a client.
    const sql = { ...run, input: `CREATE DATABASE ${POSTGRES_DATABASE}\n` };
    await mustSucceed('create database', await runProgram(binaries.postgres, ['--single', '-D', unfinished, 'postgres'], sql));
  } finally {
    await rm(passwordFile, { force: true });
  }
  await rename(unfinished, cluster);
}

async function mustSucceed(step: string, result: { readonly exitCode: number; readonly output: string }): Promise<void> {
  // Single-user mode exits with 0 after a failed statement.
  if (result.exitCode === 0 && !/^.*\b(ERROR|FATAL|PANIC): /m.test(result.output)) return;
  throw new Error(`Postgres: ${step} failed (exit code ${result.exitCode}): ${result.output.trim().split('\n').slice(-3).join(' ')}`);
}

function checkVersion(cluster: string, found: string, expected: number): void {
  if (found === String(expected)) return;
  throw new Error(`the database in ${cluster} was made by Postgres ${found} and this version comes with ${expected}: dump and restore it`);
}
