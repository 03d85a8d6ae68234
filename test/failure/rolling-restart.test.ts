import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RunningHeadrace, startHeadrace, waitFor } from '#testing';
import { createKey } from '../support/books.ts';
import { type Balancer, startBalancer } from '../support/balancer.ts';
import { chat, readStream } from '../support/chat-client.ts';
import { runArrivals } from '../support/load.ts';
import { type MeteredProvider, startMeteredProvider } from '../support/metered-provider.ts';
import { type Replica, startReplica } from '../support/replica.ts';

/** Three workers and two ingresses are restarted one after the other under 100 streams a second: no client notices. */
const PER_SECOND = 100;
/** Reached on a machine that is too slow for this rate. */
const MOST_UNDER_WAY = 150;
const ANSWERS_BETWEEN_RESTARTS = 100;
const PATIENCE_MS = 60_000;
const TOKENS = 20;
/** Longer than a stream by far, also on a busy machine. */
const GRACE = { HEADRACE_SHUTDOWN_MS: '40000' };

let provider: MeteredProvider;
let headrace: RunningHeadrace;
let balancer: Balancer;
let key: string;
let ingresses: Replica[] = [];
let workers: Replica[] = [];
let answered = 0;
const failures: unknown[] = [];
let isOver = false;

beforeAll(async () => {
  provider = await startMeteredProvider({ name: 'a', tokens: TOKENS, firstTokenMs: 50, betweenTokensMs: 40, failureOf: () => undefined });
  headrace = await startHeadrace({
    config: `
model_list:
  - { model_name: agent, litellm_params: { model: openai/steady, api_base: "${provider.url}", api_key: k } }
router_settings: { num_retries: 0 }
`,
  });
  ingresses = await Promise.all([startReplica(headrace, 'ingress', GRACE), startReplica(headrace, 'ingress', GRACE)]);
  workers = await Promise.all([startWorker(), startWorker(), startWorker()]);
  balancer = await startBalancer(() => ingresses.map(({ url }) => url));
  key = await createKey(headrace);
}, 60_000);
afterAll(async () => {
  balancer?.close();
  await Promise.all([...ingresses, ...workers].map((replica) => replica.stop()));
  await headrace?.stop();
  provider?.close();
});

function startWorker(): Promise<Replica> {
  return startReplica(headrace, 'worker', GRACE, ['--provider', 'openai', '--concurrency', '64']);
}

async function send(request: number): Promise<void> {
  const body = { model: 'agent', stream: true, messages: [{ role: 'user', content: `q${request}` }] };
  try {
    const answer = await chat({ url: balancer.url, key }, body);
    const { done, error, finishReason } = readStream(answer.text);
    answered += 1;
    if (!answer.clean || answer.status !== 200 || !done || error !== undefined || finishReason !== 'stop') {
      failures.push({ request, status: answer.status, clean: answer.clean, text: answer.text.slice(-400) });
    }
  } catch (error) {
    failures.push({ request, error });
  }
}

async function underLoad(): Promise<void> {
  const before = answered;
  await waitFor(() => answered >= before + ANSWERS_BETWEEN_RESTARTS, { what: 'answers', timeoutMs: PATIENCE_MS });
}

test('three workers and two ingresses are restarted one after the other under 100 streams a second and no request fails', async () => {
  const load = runArrivals({ perSecond: PER_SECOND, mostUnderWay: MOST_UNDER_WAY, send, until: () => isOver });
  try {
    for (const worker of [...workers]) {
      await underLoad();
      const stopped = worker.stop();
      workers = [...workers.filter((one) => one !== worker), await startWorker()];
      await stopped;
    }
    for (const ingress of [...ingresses]) {
      await underLoad();
      const replacement = await startReplica(headrace, 'ingress', GRACE);
      const stopped = ingress.stop();
      ingresses = [...ingresses.filter((one) => one !== ingress), replacement];
      await stopped;
    }
    await underLoad();
  } finally {
    isOver = true;
    await load;
  }
  expect(failures).toEqual([]);
  expect(answered).toBeGreaterThanOrEqual(6 * ANSWERS_BETWEEN_RESTARTS);
}, 240_000);

test('a job is called once: what a worker gives back had not been started', () => {
  expect(provider.calls.filter(({ outcome }) => outcome !== 'answered')).toEqual([]);
  expect(provider.calls.length).toBe(answered);
});
