import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { usageOfTree } from './process-usage.ts';
import type { Provider } from './provider.ts';
import { stopProcess } from './start-process.ts';
import type { Settlement, Target, TargetName } from './target.ts';

/** Micro-dollars per token: the ledger's sum is a whole number of them, so that it can be compared with the meter exactly. */
const INPUT_MICRO_USD = 1;
const OUTPUT_MICRO_USD = 2;
/** The mock provider's meter tells the requests of one from those of others by it. */
const providerKey = (name: TargetName): string => `sk-of-${name}`;

const LAUNCHER = fileURLToPath(new URL('../../services/cli/launch.mjs', import.meta.url));

export interface Headrace extends Target {
  readonly origin: string;
  /** The virtual key that pays. */
  readonly key: string;
  /** File with port and password of its nats-server. */
  readonly natsCredentials: string;
  readonly settle: () => Promise<Settlement>;
}

export interface HeadraceOptions {
  readonly name?: TargetName;
  /** Fields of `POST /key/generate` for the key that pays. */
  readonly keySettings?: Readonly<Record<string, unknown>>;
  /** YAML behind the models. */
  readonly settings?: string;
}

/** The whole product as a user starts it: file-stored jobs, virtual key, ledger on, in a new data folder. */
export async function startHeadrace(provider: Provider, options: HeadraceOptions = {}): Promise<Headrace> {
  const { name = 'headrace', keySettings = {}, settings = '' } = options;
  const home = await mkdtemp(join(tmpdir(), 'headrace-bench-'));
  // For root's sake: its Postgres runs as another user, who must be able to enter.
  await chmod(home, 0o711);
  const config = join(home, 'config.yaml');
  await writeFile(config, `${configFor(provider.origin, providerKey(name))}${settings}`);
  const masterKey = `sk-${randomBytes(24).toString('base64url')}`;
  const port = await freePort();
  const origin = `http://127.0.0.1:${port}`;
  const args = ['up', '--config', config, '--port', String(port), '--data-dir', join(home, 'data')];
  const child = spawn(process.execPath, [LAUNCHER, ...args], {
    stdio: ['ignore', 'ignore', 'inherit'],
    // Its own group: a Ctrl-C reaches it once, through us.
    detached: true,
    env: { ...process.env, HEADRACE_MASTER_KEY: masterKey, LOG_LEVEL: 'warn' },
  });
  stopWithUs(child);
  const key = await firstKey({ origin, masterKey, child, home, keySettings });
  return {
    name,
    origin,
    key,
    natsCredentials: join(home, 'data', 'nats', 'credentials.json'),
    url: `${origin}/v1/chat/completions`,
    headers: { authorization: `Bearer ${key}` },
    usage: () => usageOfTree(child.pid ?? 0),
    settle: () => settle({ origin, key, meter: () => provider.meterOf(providerKey(name)) }),
    stop: async () => {
      await stopProcess(child);
      await rm(home, { recursive: true, force: true });
    },
  };
}

function configFor(providerOrigin: string, apiKey: string): string {
  const deployment = (model: string) => `  - model_name: ${model}
    litellm_params:
      model: custom_openai/${model}
      api_base: ${providerOrigin}/v1
      api_key: ${apiKey}
    model_info:
      input_cost_per_token: ${INPUT_MICRO_USD / 1e6}
      output_cost_per_token: ${OUTPUT_MICRO_USD / 1e6}
`;
  return `model_list:\n${deployment('instant')}${deployment('echo')}`;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

function stopWithUs(child: ChildProcess): void {
  process.once('exit', () => child.kill('SIGTERM'));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
}

const START_TIMEOUT_MS = 60_000;

interface Starting {
  readonly origin: string;
  readonly masterKey: string;
  readonly child: ChildProcess;
  readonly home: string;
  readonly keySettings: Readonly<Record<string, unknown>>;
}

/** A key that answers can be paid with: it is made when the last of the services is there. */
async function firstKey({ child, home, ...call }: Starting): Promise<string> {
  const until = performance.now() + START_TIMEOUT_MS;
  let last = 'no answer';
  while (performance.now() < until) {
    if (child.exitCode !== null) throw new Error(`Headrace ended with ${child.exitCode} before it was ready: see ${home}`);
    const made = await generateKey(call).catch((error: unknown) => String(error));
    if (typeof made === 'object') return made.key;
    last = made;
    await delay(100);
  }
  throw new Error(`Headrace was not ready within ${START_TIMEOUT_MS / 1_000} s (${last}): see ${home}`);
}

async function generateKey({ origin, masterKey, keySettings }: Omit<Starting, 'child' | 'home'>): Promise<{ key: string } | string> {
  const headers = { authorization: `Bearer ${masterKey}`, 'content-type': 'application/json' };
  const answer = await fetch(`${origin}/key/generate`, {
    method: 'POST',
    headers,
    body: JSON.stringify({ key_alias: 'bench', ...keySettings }),
  });
  if (!answer.ok) return `status ${answer.status}: ${await answer.text()}`;
  return (await answer.json()) as { key: string };
}

interface SettleOptions {
  readonly origin: string;
  readonly key: string;
  readonly meter: () => ReturnType<Provider['meterOf']>;
}

const SETTLE_TIMEOUT_MS = 60_000;

/** The key's spend is the sum of its rows in the ledger: it agrees with the meter when every request is booked, once. */
async function settle({ origin, key, meter: read }: SettleOptions): Promise<Settlement> {
  const meter = await read();
  const meterMicroUsd = microUsdOf(meter);
  const startedAt = performance.now();
  const waited = () => performance.now() - startedAt;
  let ledgerMicroUsd = await spendMicroUsd(origin, key);
  while (ledgerMicroUsd !== meterMicroUsd && waited() < SETTLE_TIMEOUT_MS) {
    await delay(50);
    ledgerMicroUsd = await spendMicroUsd(origin, key);
  }
  const waitedMs = ledgerMicroUsd === meterMicroUsd ? waited() : undefined;
  return { waitedMs, ledgerMicroUsd, meterMicroUsd, requestsMetered: meter.requests, ledgerRows: await countRows(origin, key) };
}

function microUsdOf(meter: { readonly promptTokens: number; readonly completionTokens: number }): number {
  return meter.promptTokens * INPUT_MICRO_USD + meter.completionTokens * OUTPUT_MICRO_USD;
}

async function spendMicroUsd(origin: string, key: string): Promise<number> {
  const answer = await fetch(`${origin}/key/info`, { headers: { authorization: `Bearer ${key}` } });
  const { info } = (await answer.json()) as { info?: { spend?: number | string } };
  return Math.round(Number(info?.spend ?? Number.NaN) * 1e6);
}

/** By the day's sums: reading ten thousand rows to count them would be the largest thing the admin service ever did here. */
async function countRows(origin: string, key: string): Promise<number> {
  const day = (offset: number) => new Date(Date.now() + offset * 86_400_000).toISOString().slice(0, 10);
  const url = `${origin}/spend/logs?start_date=${day(-1)}&end_date=${day(1)}`;
  const answer = await fetch(url, { headers: { authorization: `Bearer ${key}` } });
  const days: unknown = await answer.json();
  if (!Array.isArray(days)) return Number.NaN;
  return (days as { attempts: number }[]).reduce((sum, one) => sum + one.attempts, 0);
}
