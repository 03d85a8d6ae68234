import { resolve } from 'node:path';
import { Command, CommanderError, InvalidArgumentError } from 'commander';

/** What every service can be told, by flag or by environment. A flag wins over the environment, both over the default. */
export interface ServiceSettings {
  readonly configFile?: string | undefined;
  /** 0 takes any free port. */
  readonly port: number;
  readonly host: string;
  /** Absolute. */
  readonly dataDir: string;
  readonly masterKey?: string | undefined;
  /** The master key may be weak wherever the gateway listens. */
  readonly allowsWeakMasterKey: boolean;
  /** What secrets of stored models are sealed with; without it, one derived from the master key. */
  readonly saltKey?: string | undefined;
  readonly databaseUrl?: string | undefined;
  readonly natsUrl?: string | undefined;
  readonly adminUrl?: string | undefined;
  readonly batchesUrl?: string | undefined;
  readonly sandboxUrl?: string | undefined;
  readonly logLevel: string;
  /** Port of the probe server (health, metrics); none is started when it is unset. */
  readonly probePort?: number | undefined;
  /** Time all releases have together when the process is told to stop; the service's own default when unset. */
  readonly shutdownMs?: number | undefined;
}

export type Environment = Readonly<Record<string, string | undefined>>;

export interface SettingsRequest {
  readonly name: string;
  readonly summary: string;
  readonly argv: readonly string[];
  readonly env: Environment;
  readonly defaultPort?: number | undefined;
  /** Adds flags of this service alone; their values are in `flags`. */
  readonly options?: ((command: Command) => unknown) | undefined;
}

export interface ParsedSettings {
  readonly settings: ServiceSettings;
  readonly flags: Readonly<Record<string, unknown>>;
}

/** A wrong command line or environment: `message` is for people, `exitCode` is 2, or 0 when help was asked for and printed. */
export class UsageError extends Error {
  readonly exitCode: number;

  constructor(message: string, exitCode = 2) {
    super(message);
    this.name = 'UsageError';
    this.exitCode = exitCode;
  }
}

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'];

const ENVIRONMENT_HELP = `
Environment without a flag:
  HEADRACE_MASTER_KEY   the key of the administrator (also LITELLM_MASTER_KEY)
  HEADRACE_ALLOW_WEAK_MASTER_KEY  true: it may be short or a known example on any --host (default: on loopback only)
  HEADRACE_SALT_KEY     seals the secrets of models made over HTTP (also LITELLM_SALT_KEY; default: from the master key)
  DATABASE_URL          postgres://…; without it \`headrace up\` starts its own Postgres
  NATS_URL              nats://…; without it \`headrace up\` starts its own nats-server
  LOG_LEVEL             ${LOG_LEVELS.join(', ')} (default: info)
  HEADRACE_ADMIN_URL    where the ingress finds the admin service
  HEADRACE_BATCHES_URL  where the ingress finds the batches service
  HEADRACE_SANDBOX_URL  where the worker finds the sandbox provider
  HEADRACE_SHUTDOWN_MS  time to finish what is under way when told to stop (default: 25000 for ingress and worker,
                        8000 for the others)`;

/** Reads flags and environment into settings. Throws `UsageError` for whatever is wrong, naming the flag or variable. */
export function readSettings(request: SettingsRequest): ParsedSettings {
  const command = describeCommand(request);
  parseFlags(command, request.argv);
  const flags: Record<string, unknown> = command.opts();
  const pick = (flag: string, ...variables: string[]) => chooseValue(flags[flag], request.env, variables);
  const settings: ServiceSettings = {
    configFile: pick('config', 'HEADRACE_CONFIG'),
    port: portOf(flags['port'], request.env, 'PORT') ?? request.defaultPort ?? 4000,
    host: pick('host', 'HOST') ?? '127.0.0.1',
    dataDir: resolve(pick('dataDir', 'HEADRACE_HOME') ?? '.headrace'),
    masterKey: pick('', 'HEADRACE_MASTER_KEY', 'LITELLM_MASTER_KEY'),
    allowsWeakMasterKey: booleanOf(request.env, 'HEADRACE_ALLOW_WEAK_MASTER_KEY'),
    saltKey: pick('', 'HEADRACE_SALT_KEY', 'LITELLM_SALT_KEY'),
    databaseUrl: pick('', 'DATABASE_URL'),
    natsUrl: pick('', 'NATS_URL'),
    adminUrl: pick('', 'HEADRACE_ADMIN_URL'),
    batchesUrl: pick('', 'HEADRACE_BATCHES_URL'),
    sandboxUrl: pick('', 'HEADRACE_SANDBOX_URL'),
    logLevel: checkLogLevel(pick('', 'LOG_LEVEL') ?? 'info'),
    probePort: portOf(flags['probePort'], request.env, 'HEADRACE_PROBE_PORT'),
    shutdownMs: millisecondsOf(request.env, 'HEADRACE_SHUTDOWN_MS'),
  };
  return { settings, flags };
}

function describeCommand(request: SettingsRequest): Command {
  const command = new Command(`headrace ${request.name}`)
    .description(request.summary)
    .option('--config <file>', 'configuration file, in the form of a LiteLLM config.yaml (env: HEADRACE_CONFIG)')
    .option('--port <port>', `port to listen on (env: PORT, default: ${request.defaultPort ?? 4000})`, parsePort)
    .option('--host <host>', 'address to listen on (env: HOST, default: 127.0.0.1)')
    .option('--data-dir <folder>', 'where data is kept (env: HEADRACE_HOME, default: .headrace)')
    .option('--probe-port <port>', 'port for health and metrics of this process (env: HEADRACE_PROBE_PORT)', parsePort)
    .addHelpText('after', ENVIRONMENT_HELP)
    .exitOverride()
    .configureOutput({ outputError: () => undefined });
  request.options?.(command);
  return command;
}

function parseFlags(command: Command, argv: readonly string[]): void {
  try {
    command.parse([...argv], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // Commander puts its suggestion on a second line; ours is one line.
    const message = error.message.replace(/^error: /, '').replaceAll('\n', ' ');
    throw new UsageError(message, error.exitCode === 0 ? 0 : 2);
  }
}

function chooseValue(flag: unknown, env: Environment, variables: readonly string[]): string | undefined {
  if (typeof flag === 'string') return flag;
  // An empty variable is how compose files and shells say "not set".
  return variables.map((variable) => env[variable]).find((value) => value !== undefined && value !== '');
}

function portOf(flag: unknown, env: Environment, variable: string): number | undefined {
  if (typeof flag === 'number') return flag;
  const text = chooseValue(undefined, env, [variable]);
  if (text === undefined) return undefined;
  const port = toPort(text);
  if (port === undefined) throw new UsageError(`environment variable ${variable}: '${text}' is not a port (0 to 65535)`);
  return port;
}

function booleanOf(env: Environment, variable: string): boolean {
  const text = chooseValue(undefined, env, [variable]) ?? 'false';
  if (text !== 'true' && text !== 'false') throw new UsageError(`environment variable ${variable}: '${text}' is neither true nor false`);
  return text === 'true';
}

function millisecondsOf(env: Environment, variable: string): number | undefined {
  const text = chooseValue(undefined, env, [variable]);
  if (text === undefined) return undefined;
  if (!/^\d{1,7}$/.test(text)) throw new UsageError(`environment variable ${variable}: '${text}' is not a number of milliseconds`);
  return Number(text);
}

function parsePort(text: string): number {
  const port = toPort(text);
  if (port === undefined) throw new InvalidArgumentError('A port is a whole number from 0 to 65535.');
  return port;
}

function toPort(text: string): number | undefined {
  return /^\d{1,5}$/.test(text) && Number(text) <= 65_535 ? Number(text) : undefined;
}

function checkLogLevel(level: string): string {
  if (LOG_LEVELS.includes(level)) return level;
  throw new UsageError(`environment variable LOG_LEVEL: '${level}' is none of ${LOG_LEVELS.join(', ')}`);
}
