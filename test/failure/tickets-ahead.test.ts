import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RunningHeadrace, startHeadrace, waitFor } from '#testing';
import { chat } from '../support/chat-client.ts';
import { createLimitedKey } from '../support/limited-key.ts';
import { parseMetrics, sumOf } from '../support/metrics-text.ts';
import { type Replica, startReplica } from '../support/replica.ts';
import { type SpendingProvider, startSpendingProvider } from '../support/spending-provider.ts';

/** An ingress with many calls of one key has tickets ahead of them. Limits are exact all the same, and what has no call is free for others. */
let provider: SpendingProvider;
let headrace: RunningHeadrace;
let ingress: Replica;

beforeAll(async () => {
  provider = await startSpendingProvider({
    lengthOf: () => 10,
    tokenMs: 1,
    answerMs: 5,
  });
  headrace = await startHeadrace({
    config: `model_list: [{model_name: m, litellm_params: {model: openai/m, api_base: "${provider.url}", api_key: x, cost_per_token: 0.000001}}]`,
  });
  ingress = await startReplica(headrace, 'ingress');
});
afterAll(async () => {
  await ingress.stop();
  await headrace.stop();
  provider.close();
});

const body = (text: string) => ({ model: 'm', max_tokens: 20, messages: [{ role: 'user', content: text }] });

/** Calls one behind the other until the ingress has tickets ahead of them; how many there were. */
async function untilAhead(key: string): Promise<number> {
  const before = await given();
  let calls = 0;
  const call = async (): Promise<boolean> => {
    calls += 1;
    expect((await chat({ url: headrace.url, key }, body('hi'))).status).toBe(200);
    return calls % 8 === 0 && (await given()) > before;
  };
  await waitFor(call, { what: 'tickets ahead of calls', intervalMs: 1 });
  return calls;
}

async function given(): Promise<number> {
  const text = await (await fetch(new URL('/metrics', headrace.url))).text();
  return sumOf(parseMetrics(text), 'headrace_admission_asks_total', { outcome: 'spare' });
}

describe('while one ingress has tickets ahead', () => {
  test('a burst at the other gets every request of the minute that is left, and not one more', async () => {
    const key = await createLimitedKey(headrace, { limits: { rpm: 600 } });
    const calls = await untilAhead(key);
    const answers = await Promise.all(Array.from({ length: 700 }, () => chat({ url: ingress.url, key }, body('hi'))));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(600 - calls);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(100 + calls);
  });

  test('a key’s calls are each counted once, and nothing stays held', async () => {
    const key = await createLimitedKey(headrace, { limits: { budgets: [{ id: 'b', limitUsd: '10' }] } });
    const before = provider.calls.length;
    const calls = await untilAhead(key);
    expect(provider.calls.length - before).toBe(calls);
    const reserved = async (): Promise<boolean> => {
      const text = await (await fetch(new URL('/metrics', headrace.url))).text();
      return sumOf(parseMetrics(text), 'headrace_admission_holds') === 0;
    };
    await waitFor(reserved, { what: 'nothing to be held' });
  });
});
