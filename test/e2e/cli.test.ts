import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type RunningHeadrace, startHeadrace, waitFor } from '#testing';

const LAUNCHER = fileURLToPath(new URL('../../services/cli/launch.mjs', import.meta.url));
let headrace: RunningHeadrace;

beforeAll(async () => {
  headrace = await startHeadrace();
});
afterAll(() => headrace.stop());

/** A command as a person beside the data folder types it. */
async function run(...args: readonly string[]) {
  const child = spawn(process.execPath, [LAUNCHER, ...args, '--data-dir', headrace.dataDir], { stdio: ['ignore', 'pipe', 'pipe'] });
  let out = '';
  let errors = '';
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, out, errors };
}

it('a key is made, shown, blocked, let in again and deleted', async () => {
  const made = await run('keys', 'create', '--alias', 'cli', '--budget', '5', '--models', 'a,b');
  const key = made.out.trim();
  expect(key).toMatch(/^sk-/);
  expect((await run('keys', 'ls')).out).toContain('cli');
  expect((await run('keys', 'info', key)).out).toMatch(/max_budget +5/);
  expect((await run('keys', 'block', key)).out).toBe('blocked\n');
  expect((await run('keys', 'info', key)).out).toMatch(/blocked +true/);
  expect((await run('keys', 'unblock', key)).out).toBe('unblocked\n');
  expect((await run('keys', 'delete', key)).out).toBe('1 deleted\n');
  const unknown = await run('keys', 'info', 'sk-of-nobody');
  expect(unknown.code).toBe(1);
  expect(unknown.errors).toMatch(/^headrace keys: .+\n$/);
});

it('a job in the background is listed and shown with its answer', async () => {
  const models = await fetch(`${headrace.url}/v1/models`, { headers: { authorization: `Bearer ${headrace.masterKey}` } });
  const [model] = ((await models.json()) as { data: { id: string }[] }).data;
  const answer = await fetch(`${headrace.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${headrace.masterKey}`, 'content-type': 'application/json', prefer: 'respond-async' },
    body: JSON.stringify({ model: model?.id, messages: [{ role: 'user', content: 'Hello' }] }),
  });
  expect(answer.status).toBe(202);
  const { id } = (await answer.json()) as { id: string };
  expect((await run('jobs', 'ls')).out).toContain(id);
  expect((await run('jobs', 'show', id)).out).toMatch(new RegExp(`id +${id}`));
  expect((await run('jobs', 'cancel', id)).code).toBe(0);
  const missing = await run('jobs', 'show', 'job_of_nobody');
  expect(missing).toMatchObject({ code: 1, errors: expect.stringContaining('no such job') as string });
});

it('a job that failed is run again, a line for each; one that can’t be makes it exit with 1', async () => {
  const headers = { authorization: `Bearer ${headrace.masterKey}`, 'content-type': 'application/json', prefer: 'respond-async' };
  const body = JSON.stringify({ model: 'sandbox/echo', messages: [{ role: 'user', content: 'x' }], sandbox: { status: 400 } });
  const answer = await fetch(`${headrace.url}/v1/chat/completions`, { method: 'POST', headers, body });
  const { id } = (await answer.json()) as { id: string };
  await waitFor(async () => (await run('jobs', 'show', id)).out.includes('failed'), { what: 'the job to fail' });
  const retried = await run('jobs', 'retry', id);
  expect(retried.code).toBe(0);
  const [line] = retried.out.trim().split('\n');
  const [first, second] = (line ?? '').split(/ +/);
  expect(first).toBe(id);
  expect(second).toMatch(/^job_[0-9a-f]{32}$/);
  expect((await run('jobs', 'show', second ?? '')).out).toContain(`${id}-r1`);
  const mixed = await run('jobs', 'retry', 'job_of_nobody', id);
  expect(mixed.code).toBe(1);
  expect(mixed.out).toMatch(/^job_of_nobody {2}There is no such job.*\njob\S+ {2}job_/);
});

it('a file of requests is run under a key with a budget; a bad line and an unknown model are failures of their lines', async () => {
  const key = (await run('keys', 'create', '--alias', 'batch', '--budget', '5')).out.trim();
  const input = join(headrace.dataDir, 'requests.jsonl');
  const lines = Array.from({ length: 200 }, (_, index) =>
    JSON.stringify({ custom_id: `c${index}`, body: { messages: [{ role: 'user', content: `Hello ${index}` }] } }),
  );
  await writeFile(input, [...lines.slice(0, 100), 'not JSON', ...lines.slice(100)].join('\n'));
  const models = await fetch(`${headrace.url}/v1/models`, { headers: { authorization: `Bearer ${key}` } });
  const [model] = ((await models.json()) as { data: { id: string }[] }).data;
  const ended = await run('batch', 'run', input, '--key', key, '--model', model?.id ?? '');
  expect(ended.errors).toContain('201/201');
  expect(ended.errors).toContain('· 1 failed');
  expect(ended.code).toBe(1);
  const output = (await readFile(join(headrace.dataDir, 'requests.out.jsonl'), 'utf8')).trim().split('\n');
  const records = output.map((line) => JSON.parse(line) as { custom_id: string; response: { status_code: number } | null });
  expect(new Set(records.map(({ custom_id: name }) => name)).size).toBe(201);
  expect(records.filter(({ response }) => response?.status_code === 200)).toHaveLength(200);
  expect((await run('batch', 'run', input, '--key', key, '--model', 'nobody-has-this', '--out', `${input}.bad`)).errors).toContain(
    '201 failed',
  );
});

it('top shows the pools and what is spent', async () => {
  const { code, out } = await run('top', '--once', '--every', '0.5');
  expect(code).toBe(0);
  expect(out).toMatch(/requests\/s \d/);
  expect(out).toContain('spent $');
});

it('a wrong command line says what is expected', async () => {
  expect(await run('keys', 'create', '--budget', 'much')).toMatchObject({
    code: 2,
    errors: expect.stringContaining('It takes a number') as string,
  });
  expect((await run('batch', 'run', 'no-such-file.jsonl')).errors).toBe('headrace batch: there is no file no-such-file.jsonl\n');
});
