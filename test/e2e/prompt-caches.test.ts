import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RunningHeadrace, startHeadrace } from '#testing';
import { awaitRows } from '../support/books.ts';
import { chat } from '../support/chat-client.ts';
import { type ScriptedProvider, startScriptedProvider } from '../support/scripted-provider.ts';

/** Marks for a provider's prompt cache, from the configuration to what the ledger says they saved. */
const LONG = 'All of this is always the same. '.repeat(400);
const MARK = { type: 'ephemeral' };
let provider: ScriptedProvider;
let headrace: RunningHeadrace;

beforeAll(async () => {
  provider = await startScriptedProvider(({ body }, response) => {
    const isMarked = body.includes('cache_control');
    const usage = { input_tokens: 100, output_tokens: 10, cache_read_input_tokens: isMarked ? 3_000 : 0 };
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(
      JSON.stringify({
        id: 'x',
        type: 'message',
        role: 'assistant',
        content: [{ type: 'text', text: 'ok' }],
        stop_reason: 'end_turn',
        usage,
      }),
    );
  });
  const base = provider.url.replace(/\/v1$/, '');
  const prices = 'input_cost_per_token: 0.000003, output_cost_per_token: 0.000015, cache_read_input_token_cost: 0.0000003';
  const entry = (name: string, more = '') =>
    `  - { model_name: ${name}, litellm_params: { model: anthropic/claude-x, api_base: "${base}", api_key: sk-x, ${prices}${more} } }`;
  headrace = await startHeadrace({
    config: `
model_list:
${entry('marked')}
${entry('plain')}
${entry('placed', ', cache_control_injection_points: [{ location: message, index: -1 }]')}
headrace: { prompt_cache: { min_tokens: 1024 }, model_groups: { marked: { prompt_cache: true } } }
`,
  });
});
afterAll(async () => {
  await headrace?.stop();
  provider?.close();
});

async function ask(model: string, messages: readonly object[]) {
  const answer = await chat({ url: headrace.url, key: headrace.masterKey }, { model, messages, max_tokens: 50 });
  expect(answer.status).toBe(200);
  const [row] = await awaitRows(headrace, answer.headers['x-headrace-job-id'], 1);
  return { sent: JSON.parse(String(provider.requests.at(-1)?.body)), cost: row?.headrace['cost'] };
}

const SYSTEM = { role: 'system', content: LONG };
const USER = { role: 'user', content: 'hi' };

test('a long beginning is marked at its end, and the ledger has what the cache took off the price', async () => {
  const { sent, cost } = await ask('marked', [SYSTEM, USER]);
  expect(sent.system.at(-1)).toMatchObject({ text: LONG, cache_control: MARK });
  expect(JSON.stringify(sent.messages)).not.toContain('cache_control');
  // 3,000 tokens at a tenth of 3 millionths
  expect(cost).toMatchObject({ prompt_cache_saved_usd: '0.0081' });
});

test('a model group that does not ask for it is sent what the client wrote', async () => {
  const { sent, cost } = await ask('plain', [SYSTEM, USER]);
  expect(JSON.stringify(sent)).not.toContain('cache_control');
  expect(cost).toMatchObject({ prompt_cache_saved_usd: null });
});

test('LiteLLM’s places are marked whatever their length', async () => {
  const { sent } = await ask('placed', [USER]);
  expect(sent.messages.at(-1).content).toEqual([{ type: 'text', text: 'hi', cache_control: MARK }]);
});

test('clients of formats without marks have them set all the same', async () => {
  const headers = { authorization: `Bearer ${headrace.masterKey}`, 'content-type': 'application/json' };
  const requests: readonly (readonly [string, object])[] = [
    ['/v1/responses', { model: 'marked', instructions: LONG, input: 'hi', store: false }],
    [
      '/v1beta/models/marked:generateContent',
      { systemInstruction: { parts: [{ text: LONG }] }, contents: [{ role: 'user', parts: [{ text: 'hi' }] }] },
    ],
  ];
  for (const [path, body] of requests) {
    const answer = await fetch(new URL(path, headrace.url), { method: 'POST', headers, body: JSON.stringify(body) });
    expect(answer.status).toBe(200);
    expect(JSON.parse(String(provider.requests.at(-1)?.body)).system.at(-1)).toMatchObject({ text: LONG, cache_control: MARK });
  }
});
