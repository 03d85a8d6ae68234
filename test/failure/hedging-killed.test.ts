import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { type RunningHeadrace, startHeadrace, waitFor } from '#testing';
import { createKey, ledgerRows, type LedgerRow } from '../support/books.ts';
import { chat, type ChatAnswer, type ChatTarget, startChat } from '../support/chat-client.ts';
import { type Replica, startReplica } from '../support/replica.ts';
import { type TimedBehaviour, type TimedModels, startTimedModels } from '../support/timed-models.ts';

/** The two attempts of a hedged request run in different workers: one that dies takes nothing with it that the other does not make good. */
let provider: TimedModels;
let headrace: RunningHeadrace;
let ingress: Replica;
/** Runs first attempts; the worker beside Headrace runs second ones. */
let worker: Replica;
let target: ChatTarget;
let config: string;

const REQUESTS = 6;

const entry = (model: string, provides: string, order: number): string =>
  `  - { model_name: pair, litellm_params: { model: ${provides}/${model}, api_base: "${provider.url}", api_key: k, order: ${order} }, model_info: { id: d-${model} } }`;

beforeAll(async () => {
  provider = await startTimedModels();
  const settings = `
router_settings: { num_retries: 0, disable_cooldowns: true }
headrace: { hedging: { enabled: true, delay_ms: 150, max_share: 1 } }
`;
  headrace = await startHeadrace({ config: `model_list:\n${entry('second', 'hosted_vllm', 2)}\n${settings}` });
  config = join(headrace.dataDir, 'both.yaml');
  await writeFile(config, `model_list:\n${entry('first', 'openai', 1)}\n${entry('second', 'hosted_vllm', 2)}\n${settings}`);
  target = { url: '', key: await createKey(headrace) };
});
beforeEach(async () => {
  const env = { HEADRACE_CONFIG: config };
  [ingress, worker] = await Promise.all([
    startReplica(headrace, 'ingress', env),
    startReplica(headrace, 'worker', env, ['--provider', 'openai']),
  ]);
  target = { ...target, url: ingress.url };
});
afterEach(async () => {
  await ingress.stop();
  await worker.stop();
});
afterAll(async () => {
  await headrace?.stop();
  provider?.close();
});

let asked = 0;
const question = (first: TimedBehaviour, second: TimedBehaviour) => ({
  model: 'pair',
  messages: [{ role: 'user', content: `${(asked += 1)}#${JSON.stringify({ first, second })}` }],
});
const both = (): boolean => provider.calls.slice(-2 * REQUESTS).filter(({ abortedAt }) => abortedAt === undefined).length === 2 * REQUESTS;

async function rowsOf(id: string, count: number): Promise<LedgerRow[]> {
  return waitFor(
    async () => {
      const rows = await ledgerRows(headrace, id);
      return rows.length >= count && rows;
    },
    { what: `${count} rows of ${id}`, timeoutMs: 20_000 },
  );
}

function sendAll(first: TimedBehaviour, second: TimedBehaviour): Promise<ChatAnswer[]> {
  return Promise.all(Array.from({ length: REQUESTS }, () => chat(target, question(first, second))));
}

test('kill -9 of the worker of the first attempts: the second answer, as if nothing had been', async () => {
  const answers = sendAll({ afterMs: 20_000 }, { afterMs: 1_200 });
  await waitFor(() => provider.calls.length >= 2 * REQUESTS && both(), { what: 'both calls of all' });
  const killedAt = performance.now();
  await worker.kill();
  for (const answer of await answers) {
    expect(answer.status).toBe(200);
    expect(answer.headers).toMatchObject({ 'x-headrace-hedged': 'won', 'x-headrace-deployment': 'd-second' });
  }
  // far less than it takes to notice that a worker is dead
  expect(performance.now() - killedAt).toBeLessThan(2_500);
});

test('kill -9 of the worker of the second attempts: the first answer, and what was lost is booked', async () => {
  const before = provider.calls.length;
  const answers = sendAll({ afterMs: 6_000 }, { afterMs: 20_000 });
  await waitFor(() => provider.calls.length >= before + 2 * REQUESTS && both(), { what: 'both calls of all' });
  await headrace.kill('worker');
  for (const answer of await answers) {
    expect(answer.status).toBe(200);
    expect(answer.headers).toMatchObject({ 'x-headrace-hedged': 'lost', 'x-headrace-deployment': 'd-first' });
    const rows = await rowsOf(String(answer.headers['x-headrace-job-id']), 2);
    expect(rows.map(({ headrace: { status } }) => status)).toEqual(['success', 'lost']);
  }
});

test('kill -9 of the ingress: both calls are ended and billed', async () => {
  const before = provider.calls.length;
  const call = startChat(target, { ...question({ afterMs: undefined }, { afterMs: undefined }) });
  const calls = await waitFor(() => provider.calls.length === before + 2 && provider.calls.slice(-2), { what: 'both calls' });
  const listed = await fetch(new URL('/v1/jobs', ingress.url), { headers: { authorization: `Bearer ${target.key}` } });
  const { data } = (await listed.json()) as { data: { id: string }[] };
  await ingress.kill();
  await expect(call.answer).rejects.toThrow('socket hang up');
  await waitFor(() => calls.every(({ abortedAt }) => abortedAt !== undefined), { what: 'both to be aborted', timeoutMs: 10_000 });
  const rows = await rowsOf(data[0]?.id ?? '', 2);
  expect(rows.map(({ headrace: { status } }) => status)).toEqual(['cancelled', 'cancelled']);
});
