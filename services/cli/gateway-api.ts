import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { CommanderError, type Command } from 'commander';
import type { Environment } from '#runtime';

/** The management API of a running gateway, as the commands of the CLI use it. */
export interface GatewayApi {
  readonly url: string;
  /** The answer's JSON, or its text where it is none. Rejects with `ApiError` for what the gateway refuses or when it can't be reached. */
  call(method: 'GET' | 'POST', path: string, body?: object): Promise<unknown>;
}

/** `message` is one line for people. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
}

export interface GatewayFlags {
  readonly url?: string | undefined;
  readonly key?: string | undefined;
  readonly dataDir?: string | undefined;
}

const TIMEOUT_MS = 15_000;

/** Adds the flags that say which gateway, and as whom. */
export function withGatewayFlags(command: Command): Command {
  return command
    .option('--url <address>', 'of the gateway (env: HEADRACE_URL; default: the one that runs in the data folder)')
    .option('--key <key>', 'the master key or that of an administrator (env: HEADRACE_API_KEY, HEADRACE_MASTER_KEY)')
    .option('--data-dir <folder>', 'data folder of a gateway on this machine (env: HEADRACE_HOME; default: .headrace)');
}

/** Address and key from flags, else the environment, else the data folder of a `headrace up` on this machine. Throws `ApiError`. */
export function openGatewayApi(flags: GatewayFlags, env: Environment): GatewayApi {
  const dataDir = resolve(flags.dataDir ?? env['HEADRACE_HOME'] ?? '.headrace');
  const url = flags.url ?? given(env['HEADRACE_URL']) ?? addressIn(dataDir);
  if (url === undefined) throw new ApiError(`no gateway runs in ${dataDir}: name one with --url or HEADRACE_URL`);
  const key = flags.key ?? given(env['HEADRACE_API_KEY']) ?? given(env['HEADRACE_MASTER_KEY']) ?? read(join(dataDir, 'master-key'));
  if (key === undefined) throw new ApiError('no key: give one with --key or HEADRACE_API_KEY');
  return { url, call: (method, path, body) => callGateway(new URL(path, url), key.trim(), { method, body }) };
}

/** Runs a command line; what is wrong with it is one line on standard error. Exit codes: 0, 1 refused or failed, 2 wrong command line. */
export async function runCommand(program: Command, argv: readonly string[]): Promise<void> {
  try {
    await program.exitOverride().parseAsync([...argv], { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
    else if (error instanceof ApiError) {
      process.stderr.write(`${program.name()}: ${error.message}\n`);
      process.exitCode = 1;
    } else throw error;
  }
}

async function callGateway(url: URL, key: string, { method, body }: { method: string; body: object | undefined }): Promise<unknown> {
  const answer = await fetch(url, {
    method,
    headers: { authorization: `Bearer ${key}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  }).catch((cause: unknown) => {
    throw new ApiError(`${url.origin} does not answer`, { cause });
  });
  const text = await answer.text();
  if (!answer.ok) throw new ApiError(refusalOf(text) ?? `${url.origin} answered ${answer.status}`);
  return parse(text) ?? text;
}

function refusalOf(text: string): string | undefined {
  const value = parse(text);
  const error = isRecord(value) ? value['error'] : undefined;
  return isRecord(error) && typeof error['message'] === 'string' ? error['message'] : undefined;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** `headrace up` keeps its address beside its data. */
function addressIn(dataDir: string): string | undefined {
  const lock = parse(read(join(dataDir, 'up.lock')) ?? '');
  return isRecord(lock) && typeof lock['url'] === 'string' ? lock['url'] : undefined;
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

/** An empty variable is how shells say "not set". */
function given(value: string | undefined): string | undefined {
  return value === '' ? undefined : value;
}
