import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RunningHeadrace, startHeadrace, waitFor } from '#testing';
import { awaitRows, get } from '../support/books.ts';
import { chat, type ChatAnswer } from '../support/chat-client.ts';
import { type SpendingProvider, startSpendingProvider } from '../support/spending-provider.ts';

/** Budgets as an operator sets them over HTTP, and as clients of every format meet them. Only output costs anything, and an answer has 90 tokens. */
let provider: SpendingProvider;
let headrace: RunningHeadrace;

beforeAll(async () => {
  provider = await startSpendingProvider({
    lengthOf: ({ text }) => (text === 'endless' ? Infinity : 90),
    tokenMs: 2,
    answerMs: 5,
    statesUsage: true,
  });
  const deployment = (group: string, id: string, usdPerToken: number, more = '', provided = 'openai'): string =>
    `  - {model_name: ${group}, litellm_params: {model: ${provided}/${id}, api_base: "${provider.url}", api_key: x, input_cost_per_token: 0, output_cost_per_token: ${usdPerToken}${more}}, model_info: {id: ${id}}}`;
  headrace = await startHeadrace({
    config: [
      'model_list:',
      deployment('gold', 'gold', 0.01),
      deployment('tin', 'tin', 0.000_001),
      deployment('pool', 'small', 0.000_4, ', order: 1, max_budget: 0.05, budget_duration: 1d'),
      deployment('pool', 'large', 0.000_4, ', order: 2'),
      deployment('capped', 'first', 0.000_4, ', order: 1', 'custom_openai'),
      deployment('capped', 'second', 0.000_4, ', order: 2'),
      deployment('alone', 'alone', 0.000_4, ', max_budget: 0.05, budget_duration: 1d'),
      'router_settings: {provider_budget_config: {custom_openai: {budget_limit: 0.05, time_period: 1d}}}',
    ].join('\n'),
  });
});
afterAll(async () => {
  await headrace.stop();
  provider.close();
});

async function manage<T>(path: string, body: object): Promise<T> {
  const answer = await fetch(new URL(path, headrace.url), {
    method: 'POST',
    headers: { authorization: `Bearer ${headrace.masterKey}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as T;
}
const newKey = async (fields: object = {}): Promise<string> => (await manage<{ key: string }>('/key/generate', fields)).key;
const ask = (key: string, model: string, more: object = {}): Promise<ChatAnswer> =>
  chat({ url: headrace.url, key }, { model, max_tokens: 90, messages: [{ role: 'user', content: 'hi' }], ...more });
const deploymentOf = ({ headers }: ChatAnswer) => headers['x-litellm-model-id'];
const errorOf = ({ text }: ChatAnswer) => (JSON.parse(text) as { error: { code: string; message: string } }).error;

describe('where the budget of a key does not suffice for a model', () => {
  test('its budget_fallbacks serve the request, and the ledger and the headers say so', async () => {
    const key = await newKey({ max_budget: 0.5, budget_fallbacks: { gold: ['tin'] } });
    const answer = await ask(key, 'gold');
    expect(answer.status).toBe(200);
    expect(answer.headers).toMatchObject({ 'x-headrace-budget-fallback': 'tin', 'x-litellm-model-id': 'tin' });
    const [row] = await awaitRows(headrace, answer.headers['x-headrace-job-id'], 1);
    expect(row).toMatchObject({ status: 'success', spend: 0.000_09, headrace: { requested_model: 'gold' } });
  });

  test('without fallbacks it is refused with the budget that refused it, and nothing is called or spent', async () => {
    const key = await newKey({ max_budget: 0.5, key_alias: 'no fallbacks' });
    const before = provider.calls.length;
    const answer = await ask(key, 'gold');
    expect(answer.status).toBe(402);
    expect(errorOf(answer)).toMatchObject({ code: 'budget_exceeded' });
    expect(errorOf(answer).message).toContain('0.5');
    expect(provider.calls.length).toBe(before);
  });
});

describe('a deployment or provider whose budget is used up', () => {
  test('is passed by: the next deployment of the group answers, for keys without any budget too', async () => {
    const key = await newKey();
    expect([await ask(key, 'pool'), await ask(key, 'pool'), await ask(key, 'pool')].map(deploymentOf)).toEqual(['small', 'large', 'large']);
  });

  test('so does a provider’s', async () => {
    const key = await newKey();
    expect([await ask(key, 'capped'), await ask(key, 'capped')].map(deploymentOf)).toEqual(['first', 'second']);
  });

  test('where there is no other deployment, the request is refused', async () => {
    const key = await newKey();
    expect((await ask(key, 'alone')).status).toBe(200);
    const refused = await ask(key, 'alone');
    expect(refused.status).toBe(402);
    expect(errorOf(refused).code).toBe('budget_exceeded');
  });
});

describe('an end user', () => {
  test('has a budget over all keys that name it; others are not touched, and its spend is told', async () => {
    await manage('/customer/new', { user_id: 'ann', max_budget: 0.05 });
    const keys = [await newKey(), await newKey()];
    expect((await ask(keys[0] ?? '', 'pool', { user: 'ann' })).status).toBe(200);
    const refused = await ask(keys[1] ?? '', 'pool', { user: 'ann' });
    expect(refused.status).toBe(402);
    expect(errorOf(refused).message).toContain('ann');
    expect((await ask(keys[1] ?? '', 'pool', { user: 'bob' })).status).toBe(200);
    const spent = await waitFor(
      async () => {
        const info = (await (await get(headrace, '/customer/info?end_user_id=ann')).json()) as { spend: number };
        return info.spend > 0 && info.spend;
      },
      { what: 'the spend to be booked' },
    );
    expect(spent).toBe(0.036);
  });

  test('who is blocked is refused at once, under any key', async () => {
    await manage('/customer/new', { user_id: 'eve' });
    const key = await newKey();
    expect((await ask(key, 'tin', { user: 'eve' })).status).toBe(200);
    await manage('/customer/block', { user_ids: ['eve'] });
    await waitFor(async () => (await ask(key, 'tin', { user: 'eve' })).status === 403, { what: 'the block', timeoutMs: 1_000 });
  });
});

describe('a stream that outgrows its key’s budget is stopped with an error event in the words of', () => {
  const message = [{ role: 'user', content: 'endless' }];
  const streams: readonly (readonly [string, string, object])[] = [
    ['chat completions', '/v1/chat/completions', { model: 'pool', stream: true, messages: message }],
    ['completions', '/v1/completions', { model: 'pool', stream: true, prompt: 'endless' }],
    ['responses', '/v1/responses', { model: 'pool', stream: true, input: 'endless' }],
    ['messages', '/v1/messages', { model: 'pool', stream: true, max_tokens: 100_000, messages: message }],
    ['Gemini', '/v1beta/models/pool:streamGenerateContent?alt=sse', { contents: [{ role: 'user', parts: [{ text: 'endless' }] }] }],
  ];
  /** What only a whole answer ends with. */
  const CLEAN_ENDS = [
    '"finish_reason":"stop"',
    '"finish_reason":"length"',
    '"response.completed"',
    '"message_stop"',
    '"finishReason":"STOP"',
  ];

  test.each(streams)('%s', async (_name, path, body) => {
    const key = await newKey({ max_budget: 0.1 });
    const answer = await fetch(new URL(path, headrace.url), {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    expect(answer.status).toBe(200);
    const text = await answer.text();
    expect(text).toContain('budget_exceeded');
    for (const end of CLEAN_ENDS) expect(text).not.toContain(end);
    const [row] = await awaitRows(headrace, answer.headers.get('x-headrace-job-id'), 1);
    expect(row).toMatchObject({ headrace: { error_code: 'budget_exceeded' } });
    expect(row?.spend).toBeGreaterThan(0.08);
    expect(row?.spend).toBeLessThanOrEqual(0.1);
  });
});
