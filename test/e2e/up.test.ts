import { execFileSync, spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { createTempFolder, type RunningHeadrace, type ServiceName, startHeadrace, waitFor } from '#testing';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const SERVICES: readonly ServiceName[] = ['ingress', 'worker', 'accounting', 'admin', 'sandbox', 'nats-server', 'postgres'];

let headrace: RunningHeadrace;
beforeAll(async () => {
  headrace = await startHeadrace({ whole: true });
});
afterAll(() => headrace.stop());

const ask = (target: RunningHeadrace) =>
  fetch(`${target.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${target.masterKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'sandbox/echo', messages: [{ role: 'user', content: 'Hello' }] }),
  });

/** `headrace up` as a second process that is expected to give up. */
function failingUp(...args: string[]) {
  return runCommand(['up', ...args]);
}

/** A command of `headrace` to its end. */
function runCommand(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(ROOT, 'services/cli/launch.mjs'), ...args], {
    encoding: 'utf8',
    env: { ...process.env, ...env },
  });
  return { status, output: `${stdout}${stderr}`.trim() };
}

test('the printed command works and the block never shows the key', async () => {
  expect(headrace.output()).toContain(`Headrace is ready at ${headrace.url}`);
  expect(headrace.output()).toContain('curl');
  expect(headrace.output()).not.toContain(headrace.masterKey);
  const command = headrace.output().split('Try it:')[1]!.split('Ctrl-C')[0]!;
  const answer = execFileSync('sh', ['-c', `${command.trim()} -s`], { encoding: 'utf8' });
  expect(JSON.parse(answer)).toMatchObject({ object: 'chat.completion' });
});

test('management routes answer as soon as the block is printed, also where the processes compete for the machine', async () => {
  const starts = await Promise.all(
    [startHeadrace({ whole: true }), startHeadrace({ whole: true })].map(async (start) => firstManagementStatus(await start)),
  );
  expect(starts).toEqual([200, 200]);
});

async function firstManagementStatus(started: RunningHeadrace): Promise<number> {
  try {
    return (await fetch(`${started.url}/key/list`, { headers: { authorization: `Bearer ${started.masterKey}` } })).status;
  } finally {
    await started.stop();
  }
}

test('every service is a process of its own, seen by name', async () => {
  const commandLines = await Promise.all(
    SERVICES.slice(0, 5).map(async (service) => readFile(`/proc/${(await headrace.pids(service))[0]}/cmdline`, 'utf8')),
  );
  expect(commandLines.map((line) => /services\/(\w+)\/main\.ts/.exec(line)?.[1])).toEqual(SERVICES.slice(0, 5));
});

test('secrets in the data folder are readable by their owner only', () => {
  const modes = ['master-key', 'up.lock', 'postgres.json', 'nats/nats.conf', 'nats/credentials.json'].map(
    (file) => statSync(join(headrace.dataDir, file)).mode & 0o777,
  );
  expect(new Set(modes)).toEqual(new Set([0o600]));
});

test('no password or key stands in a log', async () => {
  const secrets = [headrace.masterKey, JSON.parse(await readFile(join(headrace.dataDir, 'nats/credentials.json'), 'utf8')).password];
  const logs = execFileSync('sh', ['-c', 'cat "$0"/*.log', join(headrace.dataDir, 'logs')], { encoding: 'utf8' });
  expect(logs).toContain('ready');
  for (const secret of secrets) expect(logs).not.toContain(secret);
});

test('a second start on the same data says who has it and exits with 1', async () => {
  const { status, output } = failingUp('--data-dir', headrace.dataDir, '--port', '0');
  expect(status).toBe(1);
  expect(output).toBe(`headrace up: Headrace already runs on this data folder: process ${headrace.pid}, ${headrace.url}`);
});

test('a used port is named and nothing is left running', async () => {
  const folder = await createTempFolder();
  onTestFinished(() => folder.remove());
  const server = createServer().listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const { status, output } = failingUp('--data-dir', folder.path, '--port', String(port));
  expect(status).toBe(1);
  expect(output).toBe(`headrace up: port ${port} on 127.0.0.1 is in use: stop what uses it, or choose another with --port`);
  expect(statSync(folder.path).isDirectory()).toBe(true);
});

test('a wrong configuration stops the start with file, line and suggestion', async () => {
  const start = startHeadrace({ config: 'model_lst: []\n' });
  await expect(start).rejects.toThrow(/config\.yaml:1:1[\s\S]*did you mean "model_list"/);
});

describe('a master key that everybody knows', () => {
  const KNOWN = { LITELLM_MASTER_KEY: 'sk-1234', HEADRACE_MASTER_KEY: '' };
  const REFUSAL = /master key \(environment variable LITELLM_MASTER_KEY\) has 7 characters.*On 0\.0\.0\.0 others can reach/;

  test.each(['up', 'ingress', 'admin'])('keeps %s from listening where others can reach it', async (command) => {
    const folder = await createTempFolder();
    onTestFinished(() => folder.remove());
    const { status, output } = runCommand([command, '--host', '0.0.0.0', '--port', '0', '--data-dir', folder.path], KNOWN);
    expect(status).toBe(1);
    expect(output).toMatch(REFUSAL);
    expect(output).not.toContain('sk-1234');
  });

  test('is named by config check, in the environment as in the file', async () => {
    const folder = await createTempFolder();
    onTestFinished(() => folder.remove());
    const file = join(folder.path, 'config.yaml');
    await writeFile(file, 'general_settings: { master_key: sk-1234 }\n');
    const inFile = runCommand(['config', 'check', file], { LITELLM_MASTER_KEY: '', HEADRACE_MASTER_KEY: '' });
    expect(inFile.output).toMatch(/master key \(general_settings\.master_key\) has 7 characters/);
    const inEnvironment = runCommand(['config', 'check', file], KNOWN);
    expect(inEnvironment.output).toMatch(/master key \(environment variable LITELLM_MASTER_KEY\) has 7 characters/);
    expect([inFile.status, inEnvironment.status]).toEqual([0, 0]);
  });
});

test.each(SERVICES)('after kill -9 of %s it runs again and requests are answered', async (service) => {
  const [before] = await headrace.pids(service);
  await headrace.kill(service);
  await waitFor(async () => (await headrace.pids(service)).some((pid) => pid !== before), { what: `${service} to be started again` });
  const answer = await waitFor(
    async () => {
      const response = await ask(headrace);
      return response.status === 200 && response;
    },
    { what: `an answer after ${service} was killed`, timeoutMs: 20_000, intervalMs: 100 },
  );
  expect(await answer.json()).toMatchObject({ object: 'chat.completion' });
});

test('a stop takes less than 5 s, leaves no process, and the next start finds all data', async () => {
  const folder = await createTempFolder();
  onTestFinished(() => folder.remove());
  const dataDir = join(folder.path, 'data');
  const first = await startHeadrace({ dataDir });
  const pids = (await Promise.all(SERVICES.map((service) => first.pids(service)))).flat();
  expect(pids).toHaveLength(SERVICES.length);
  const generated = await fetch(`${first.url}/key/generate`, {
    method: 'POST',
    headers: { authorization: `Bearer ${first.masterKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({ key_alias: 'kept' }),
  });
  const { key } = (await generated.json()) as { key: string };

  const startedMs = performance.now();
  expect(await first.stop()).toBe(0);
  expect(performance.now() - startedMs).toBeLessThan(5_000);
  expect(pids.filter((pid) => commandLine(pid) !== undefined)).toEqual([]);

  const second = await startHeadrace({ dataDir });
  onTestFinished(async () => void (await second.stop()));
  expect(second.masterKey).toBe(first.masterKey);
  const info = await fetch(`${second.url}/key/info?key=${key}`, { headers: { authorization: `Bearer ${second.masterKey}` } });
  expect(await info.json()).toMatchObject({ info: { key_alias: 'kept' } });
});

test('after kill -9 of the supervisor nothing of it is left when the next start is ready', async () => {
  const folder = await createTempFolder();
  onTestFinished(() => folder.remove());
  const dataDir = join(folder.path, 'data');
  const first = await startHeadrace({ dataDir });
  const servers = [...(await first.pids('nats-server')), ...(await first.pids('postgres'))];
  const services = (await Promise.all(SERVICES.slice(0, 5).map((service) => first.pids(service)))).flat();
  process.kill(first.pid, 'SIGKILL');
  onTestFinished(async () => void (await first.stop()));
  await waitFor(() => services.every((pid) => commandLine(pid) === undefined), { what: 'the services to end' });

  const second = await startHeadrace({ dataDir });
  onTestFinished(async () => void (await second.stop()));
  expect(servers.filter((pid) => commandLine(pid) !== undefined)).toEqual([]);
  expect((await ask(second)).status).toBe(200);
});

function commandLine(pid: number): string | undefined {
  const { status, stdout } = spawnSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' });
  return status === 0 && !stdout.includes('<defunct>') ? stdout : undefined;
}
