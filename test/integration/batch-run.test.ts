import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { NO_COST, NO_USAGE } from '#contracts';
import { createTempFolder, waitFor } from '#testing';
import { type StandInAnswer, type StandInIntake, startStandInIntake, type TakenSubmission } from '../support/stand-in-intake.ts';
import { type NatsBus, startNatsBus } from './support/nats-bus.ts';

const CLI = fileURLToPath(new URL('../../services/cli/batch.ts', import.meta.url));
const KEY = 'sk-of-this-test';
const PRICE = { ...NO_COST, totalUsd: '0.001' };

let server: NatsBus;
let folder: Awaited<ReturnType<typeof createTempFolder>>;
let intake: StandInIntake;
let answer: (submission: TakenSubmission) => StandInAnswer | Promise<StandInAnswer>;

beforeAll(async () => {
  server = await startNatsBus();
  intake = await startStandInIntake(await server.open(), (submission) => answer(submission));
});
afterAll(async () => {
  await intake.close();
  await server.close();
});
beforeEach(async () => {
  folder = await createTempFolder();
  answer = ({ body }) => ({ text: body, cost: PRICE, usage: { ...NO_USAGE, inputTokens: 10, outputTokens: 5 } });
});
afterEach(() => folder.remove());

/** The command as a person starts it. */
function startBatch(...args: readonly string[]) {
  const env = { ...process.env, NATS_URL: server.nats.url, HEADRACE_API_KEY: KEY };
  const child = spawn(process.execPath, [CLI, 'run', join(folder.path, 'in.jsonl'), '--out', join(folder.path, 'out.jsonl'), ...args], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const ended = once(child, 'exit').then(([code]) => ({ code: code as number | null, text }));
  return { child, ended };
}

const run = (...args: readonly string[]) => startBatch(...args).ended;

const writeInput = (lines: readonly (object | string)[]) =>
  writeFile(join(folder.path, 'in.jsonl'), lines.map((line) => `${typeof line === 'string' ? line : JSON.stringify(line)}\n`).join(''));

interface OutputLine {
  readonly custom_id: string;
  readonly response: { readonly status_code: number; readonly body: Record<string, unknown> } | null;
  readonly error: { readonly code: string; readonly message: string } | null;
}

async function readOutput(): Promise<OutputLine[]> {
  const text = await readFile(join(folder.path, 'out.jsonl'), 'utf8').catch(() => '');
  return text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as OutputLine]));
}

const requests = (count: number, name = 'r') =>
  Array.from({ length: count }, (_, index) => ({
    custom_id: `${name}-${index}`,
    body: { model: 'm', messages: [{ role: 'user', content: `${name} ${index}` }] },
  }));

it('every line has its answer under its own name, in any of the forms', async () => {
  await writeInput([
    { custom_id: 'whole', method: 'POST', url: '/v1/chat/completions', body: { model: 'm', messages: [] } },
    { messages: [{ role: 'user', content: 'x' }] },
    { prompt: 'Hello' },
  ]);
  const { code, text } = await run('--model', 'named');
  expect(text).toContain('3/3');
  expect(text).toContain('$0.0030');
  expect(code).toBe(0);
  const byName = new Map((await readOutput()).map((line) => [line.custom_id, line.response?.body]));
  expect(byName.get('whole')).toEqual({ model: 'm', messages: [] });
  expect(byName.get('line-2')).toMatchObject({ model: 'named' });
  expect(byName.get('line-3')).toEqual({ model: 'named', messages: [{ role: 'user', content: 'Hello' }] });
});

it('a bad line in the middle is reported under its number and holds up none of the others', async () => {
  await writeInput([
    ...requests(2, 'a'),
    '{"custom_id": "torn", "bo',
    '[1]',
    { custom_id: 'nameless', body: { messages: [] } },
    '',
    ...requests(2, 'b'),
  ]);
  const { code, text } = await run();
  expect(code).toBe(1);
  expect(text).toContain('7/7');
  expect(text).toContain('3 failed');
  const output = await readOutput();
  expect(output.filter(({ response }) => response !== null)).toHaveLength(4);
  expect(output.find(({ custom_id: name }) => name === 'line-3')?.error).toEqual({
    code: 'invalid_line',
    message: 'Line 3: the line is not JSON.',
  });
  expect(output.find(({ custom_id: name }) => name === 'nameless')?.error?.message).toContain('--model');
});

it('killed again and again, a batch ends with one answer for each line and no job run twice', async () => {
  const count = 3_000;
  await writeInput(requests(count, 'kill'));
  const before = intake.ran.length;
  for (const share of [0.1, 0.3, 0.6]) {
    const { child, ended } = startBatch('--in-flight', '300');
    await waitFor(async () => (await readOutput()).length > count * share, { what: 'some answers', timeoutMs: 30_000 }).catch(
      () => undefined,
    );
    child.kill('SIGKILL');
    await ended;
  }
  const { code, text } = await run();
  expect(text).toContain(`${count.toLocaleString('en')}/${count.toLocaleString('en')}`);
  expect(code).toBe(0);
  const names = (await readOutput()).map(({ custom_id: name }) => name);
  expect(names).toHaveLength(count);
  expect(new Set(names).size).toBe(count);
  expect(intake.ran.length - before).toBe(count);
});

it('interrupted, it says how to go on, and the next run collects what went on meanwhile', async () => {
  await writeInput(requests(50, 'int'));
  const held = Promise.withResolvers<void>();
  const { answer: now } = { answer };
  answer = async (submission) => {
    if (Number(/int (\d+)/.exec(submission.body)?.[1]) >= 10) await held.promise;
    return now(submission);
  };
  const before = intake.ran.length;
  const { child, ended } = startBatch();
  await waitFor(() => intake.ran.length - before === 50, { what: 'all jobs to be taken' });
  await waitFor(async () => (await readOutput()).length === 10, { what: 'the first answers' });
  child.kill('SIGINT');
  expect(await ended).toMatchObject({ code: 130, text: expect.stringContaining('40 lines to go') as string });
  held.resolve();
  expect((await run()).code).toBe(0);
  expect(await readOutput()).toHaveLength(50);
  expect(intake.ran.length - before).toBe(50);
});

it('a line that a killed process left half written is written again', async () => {
  await writeInput(requests(3, 'torn'));
  await run();
  const file = join(folder.path, 'out.jsonl');
  const whole = await readFile(file, 'utf8');
  await writeFile(file, whole.slice(0, -20));
  const { code } = await run();
  expect(code).toBe(0);
  expect((await readOutput()).map(({ custom_id: name }) => name).toSorted()).toEqual(['torn-0', 'torn-1', 'torn-2']);
});

it('lines that failed are run again when asked, and those alone', async () => {
  await writeInput(requests(10, 'again'));
  const good = answer;
  answer = (submission) =>
    submission.body.includes('again 3')
      ? { state: 'failed', status: 500, text: '{"error":{}}', error: { code: 'upstream_error', message: 'The provider failed.' } }
      : good(submission);
  expect((await run()).code).toBe(1);
  answer = good;
  const before = intake.ran.length;
  expect(await run('--retry-failed')).toMatchObject({ code: 0, text: expect.stringContaining('1 lines failed before') as string });
  expect(intake.ran.length - before).toBe(1);
  expect((await readOutput()).every(({ error }) => error === null)).toBe(true);
});

/** What the command asks of a gateway: the prices of its models. */
async function startPrices() {
  const models = { data: [{ id: 'm', input_cost_per_token: '0.000001', output_cost_per_token: '0.0001' }] };
  const gateway = createServer((_request, response) => response.end(JSON.stringify(models))).listen(0, '127.0.0.1');
  await once(gateway, 'listening');
  return { url: `http://127.0.0.1:${(gateway.address() as AddressInfo).port}`, close: () => gateway.close() };
}

const limited = (count: number, name: string) => requests(count, name).map((line) => ({ ...line, body: { ...line.body, max_tokens: 10 } }));

it('no more is spent than was allowed, and what is left goes on with more', async () => {
  const gateway = await startPrices();
  await writeInput(limited(30, 'spend'));
  const before = intake.ran.length;
  const { code, text } = await run('--url', gateway.url, '--max-spend', '0.01');
  const ran = intake.ran.length - before;
  expect({ code, text }).toEqual({ code: 3, text: expect.stringContaining(`${30 - ran} lines are left`) as string });
  // a line may cost 0.00106 and costs 0.001
  expect(ran).toBe(9);
  expect((await run('--url', gateway.url, '--max-spend', '1')).code).toBe(0);
  expect(intake.ran.length - before).toBe(30);
  expect(await readOutput()).toHaveLength(30);
  gateway.close();
});

it('a dry run says what it would cost and runs nothing', async () => {
  const gateway = await startPrices();
  await writeInput([...limited(10, 'dry'), 'not JSON', { body: { model: 'unknown', messages: [] } }]);
  const before = intake.ran.length;
  const { code, text } = await run('--url', gateway.url, '--dry-run');
  expect(code).toBe(0);
  expect(text).toContain('12 lines, 1 of them');
  expect(text).toContain('line 11: the line is not JSON');
  expect(text).toContain('at most 100 tokens');
  expect(text).toContain('1 lines that set no max_tokens');
  expect(text).toContain('no price is known for unknown');
  expect(intake.ran).toHaveLength(before);
  gateway.close();
});
