import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RunningHeadrace, startHeadrace, waitFor } from '#testing';
import { createKey } from '../support/books.ts';
import { chat, startChat } from '../support/chat-client.ts';
import { type MeteredProvider, startMeteredProvider } from '../support/metered-provider.ts';
import { parseMetrics, sumOf } from '../support/metrics-text.ts';
import { connectTo, publishJobs } from '../support/queue-client.ts';
import { type Replica, startReplica } from '../support/replica.ts';

/** Two workers, two providers in one group, and a model that only one of them serves. */
const LAUNCH = fileURLToPath(new URL('../../services/cli/launch.mjs', import.meta.url));
const MODELS = { both: 'agent', single: 'planner' };
let first: MeteredProvider;
let second: MeteredProvider;
let headrace: RunningHeadrace;
let worker: Replica;
let key: string;

beforeAll(async () => {
  const pace = { tokens: 2, firstTokenMs: 5, betweenTokensMs: 5, failureOf: () => undefined };
  [first, second] = await Promise.all([startMeteredProvider({ ...pace, name: 'a' }), startMeteredProvider({ ...pace, name: 'b' })]);
  headrace = await startHeadrace({
    config: `
model_list:
  - { model_name: agent, litellm_params: { model: openai/x, api_base: "${first.url}", api_key: k } }
  - { model_name: agent, litellm_params: { model: hosted_vllm/x, api_base: "${second.url}", api_key: k }, model_info: { tier: economy } }
  - { model_name: planner, litellm_params: { model: openai/y, api_base: "${first.url}", api_key: k }, model_info: { id: only } }
`,
  });
  [worker, key] = await Promise.all([startReplica(headrace, 'worker'), createKey(headrace)]);
}, 60_000);
afterAll(async () => {
  await worker?.stop();
  await headrace?.stop();
  first?.close();
  second?.close();
});

const ask = (model: string, text: string) => ({ model, messages: [{ role: 'user', content: text }] });

async function headraceCommand(...args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [LAUNCH, ...args, '--data-dir', headrace.dataDir], {
    env: { PATH: process.env['PATH'] },
  });
  return stdout;
}

async function queueList(): Promise<{ queues: { provider: string; waiting: number; oldest_seconds: number; held?: string }[] }> {
  const answer = await fetch(`${headrace.url}/queue/list?provider=openai`, { headers: { authorization: `Bearer ${headrace.masterKey}` } });
  return (await answer.json()) as Awaited<ReturnType<typeof queueList>>;
}

test('a paused provider is called no more, others serve what they can, and what waits runs once it is resumed', async () => {
  expect(await headraceCommand('pause', '--provider', 'openai', '--reason', 'outage')).toBe('provider openai: paused\n');
  const before = first.calls.length;
  const answers = await Promise.all(Array.from({ length: 20 }, (_, n) => chat({ url: headrace.url, key }, ask(MODELS.both, `p${n}`))));
  expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(200));
  const waiting = startChat({ url: headrace.url, key }, ask(MODELS.single, 'waits'));
  await waitFor(async () => (await queueList()).queues.some((queue) => queue.waiting === 1 && queue.oldest_seconds > 0), {
    what: 'a job that waits',
  });
  expect((await queueList()).queues.every(({ held }) => held === 'pause')).toBe(true);
  const samples = await waitFor(
    async () => {
      const read = parseMetrics(await (await fetch(`${headrace.url}/metrics`)).text());
      return sumOf(read, 'headrace_jobs_waiting', { provider: 'openai', lane: 'live', tier: 'standard' }) === 1 && read;
    },
    { what: 'the metric of what waits' },
  );
  expect(sumOf(samples, 'headrace_jobs_oldest_seconds', { provider: 'openai', lane: 'live' })).toBeGreaterThan(0);
  expect(first.calls.length).toBe(before);
  expect(await headraceCommand('resume', '--provider', 'openai')).toBe('provider openai: resumed\n');
  expect((await waiting.answer).status).toBe(200);
});

test('what waits at a provider that is drained goes on to other deployments, and what has none is refused', async () => {
  await headraceCommand('pause', '--provider', 'openai');
  const bus = await connectTo(headrace);
  const plan = [
    { deploymentId: deploymentOf(await modelInfo(), 'openai'), provider: 'openai', tier: 'standard', modelGroup: MODELS.both },
    { deploymentId: deploymentOf(await modelInfo(), 'hosted_vllm'), provider: 'hosted_vllm', tier: 'economy', modelGroup: MODELS.both },
  ];
  const atFirst = first.calls.length;
  const atSecond = second.calls.length;
  await publishJobs(
    bus,
    { id: 'drained', lane: 'batch', plan, model: MODELS.both },
    Array.from({ length: 10 }, (_, n) => ask(MODELS.both, `d${n}`)),
  );
  await waitFor(async () => (await queueList()).queues.reduce((sum, { waiting }) => sum + waiting, 0) === 10, { what: 'jobs that wait' });
  await headraceCommand('drain', '--provider', 'openai');
  await waitFor(() => second.calls.length === atSecond + 10, { what: 'the other provider to get them' });
  expect(first.calls.length).toBe(atFirst);
  expect((await chat({ url: headrace.url, key }, ask(MODELS.single, 'refused'))).status).toBe(503);
  await headraceCommand('resume', '--provider', 'openai');
  expect((await chat({ url: headrace.url, key }, ask(MODELS.single, 'again'))).status).toBe(200);
  await bus.close();
});

test('a tier is held back like a provider', async () => {
  await headraceCommand('pause', '--tier', 'economy');
  const before = second.calls.length;
  const answers = await Promise.all(Array.from({ length: 10 }, (_, n) => chat({ url: headrace.url, key }, ask(MODELS.both, `t${n}`))));
  expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(200));
  expect(second.calls.length).toBe(before);
  await headraceCommand('resume', '--tier', 'economy');
});

test('a provider that nobody has is named, with those there are', async () => {
  await expect(headraceCommand('pause', '--provider', 'opena')).rejects.toMatchObject({
    code: 1,
    stderr: 'headrace pause: No deployment has the provider "opena". There are: hosted_vllm, openai.\n',
  });
  await expect(headraceCommand('pause')).rejects.toMatchObject({ stderr: 'headrace pause: Give provider, tier, or both.\n' });
});

interface ModelInfo {
  readonly data: readonly {
    readonly model_name: string;
    readonly litellm_params: { readonly model: string };
    readonly model_info: { readonly id: string };
  }[];
}

async function modelInfo(): Promise<ModelInfo> {
  const answer = await fetch(`${headrace.url}/model/info`, { headers: { authorization: `Bearer ${headrace.masterKey}` } });
  return (await answer.json()) as ModelInfo;
}

function deploymentOf({ data }: ModelInfo, provider: string): string {
  const found = data.find(({ model_name: name, litellm_params: { model } }) => name === MODELS.both && model.startsWith(provider));
  return found?.model_info.id ?? '';
}
