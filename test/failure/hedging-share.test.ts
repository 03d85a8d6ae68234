import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RunningHeadrace, startHeadrace, waitFor } from '#testing';
import { createKey, get } from '../support/books.ts';
import { chat, type ChatAnswer, type ChatTarget } from '../support/chat-client.ts';
import { parseMetrics, sumOf } from '../support/metrics-text.ts';
import { type TimedBehaviour, type TimedModels, startTimedModels } from '../support/timed-models.ts';

/** Second attempts come after the first token's p95, as workers have measured it, and are a bounded share of the requests. */
const MAX_SHARE = 0.05;
const REQUESTS = 500;
const AT_A_TIME = 25;

let provider: TimedModels;
let headrace: RunningHeadrace;
let target: ChatTarget;

beforeAll(async () => {
  provider = await startTimedModels();
  const entry = (model: string, order: number): string =>
    `  - { model_name: pair, litellm_params: { model: openai/${model}, api_base: "${provider.url}", api_key: k, order: ${order} } }`;
  headrace = await startHeadrace({
    config: `
model_list:
${entry('first', 1)}
${entry('second', 2)}
router_settings: { num_retries: 0, disable_cooldowns: true }
headrace:
  hedging: { enabled: true, percentile: p95, max_share: ${MAX_SHARE} }
`,
  });
  target = { url: headrace.url, key: await createKey(headrace) };
});
afterAll(async () => {
  await headrace?.stop();
  provider?.close();
});

let asked = 0;

function ask(first: TimedBehaviour, headers: Readonly<Record<string, string>> = {}): Promise<ChatAnswer> {
  const content = `${(asked += 1)}#${JSON.stringify({ first, second: { afterMs: 1 } })}`;
  return chat(target, { model: 'pair', stream: true, messages: [{ role: 'user', content }] }, headers);
}

async function askMany(count: number, first: TimedBehaviour, headers?: Readonly<Record<string, string>>): Promise<ChatAnswer[]> {
  const answers: ChatAnswer[] = [];
  let left = count;
  const client = async (): Promise<void> => {
    while (left-- > 0) answers.push(await ask(first, headers));
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, client));
  return answers;
}

const secondCalls = (): number => provider.calls.filter(({ model }) => model === 'second').length;

test('a late first token is left alone until enough is measured, then hedged after the p95', async () => {
  expect((await ask({ afterMs: 1_500 })).headers['x-headrace-hedged']).toBeUndefined();
  await askMany(60, { afterMs: 30 });
  const answer = await waitFor(
    async () => {
      const startedAt = performance.now();
      const one = await ask({ afterMs: 4_000 });
      return one.headers['x-headrace-hedged'] === 'won' && { tookMs: performance.now() - startedAt };
    },
    { what: 'the measurements to have come', timeoutMs: 20_000 },
  );
  expect(answer.tookMs).toBeLessThan(2_000);
});

test(`of 500 requests that are all late, at most ${MAX_SHARE * REQUESTS} and one are made twice`, async () => {
  const before = secondCalls();
  const answers = await askMany(REQUESTS, { afterMs: 100 }, { 'x-headrace-hedge': '20' });
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(REQUESTS);
  const hedged = answers.filter(({ headers }) => headers['x-headrace-hedged'] !== undefined).length;
  expect(hedged).toBe(secondCalls() - before);
  expect(hedged).toBeGreaterThanOrEqual(MAX_SHARE * REQUESTS - 1);
  // what the requests before it had saved up comes on top
  const saved = Math.floor(1 + MAX_SHARE * (asked - REQUESTS));
  expect(hedged).toBeLessThanOrEqual(MAX_SHARE * REQUESTS + saved);
  const samples = parseMetrics(await (await get(headrace, '/metrics')).text());
  expect(sumOf(samples, 'headrace_hedges_skipped_total', { model_group: 'pair', reason: 'share' })).toBeGreaterThan(REQUESTS / 2);
});
