import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import OpenAI from 'openai';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTempFolder, type RunningHeadrace, startHeadrace, waitFor } from '#testing';
import { ledgerRows } from '../support/books.ts';
import { chat, type ChatAnswer } from '../support/chat-client.ts';
import { type ScriptedProvider, startScriptedProvider } from '../support/scripted-provider.ts';

let provider: ScriptedProvider;
let headrace: RunningHeadrace;
let folder: Awaited<ReturnType<typeof createTempFolder>>;

const USAGE = { prompt_tokens: 1_000, completion_tokens: 100, total_tokens: 1_100, completion_tokens_details: { reasoning_tokens: 60 } };
const STATED = { ...USAGE, cost: 0.0123 };

beforeAll(async () => {
  folder = await createTempFolder();
  await putPrices(1e-6);
  provider = await startScriptedProvider((request, response) => {
    const { model, stream } = JSON.parse(request.body.toString()) as { model: string; stream?: boolean };
    const usage = model === 'stated' ? STATED : USAGE;
    response.setHeader('content-type', stream === true ? 'text/event-stream' : 'application/json');
    response.end(stream === true ? streamOf(usage) : JSON.stringify(answerOf(usage)));
  });
  const deployment = (model: string) =>
    `  - {model_name: ${model}, litellm_params: {model: hosted_vllm/${model}, api_base: "${new URL(provider.url).origin}/v1"}}`;
  const models = ['filed', 'stated', 'nobody-knows'].map(deployment).join('\n');
  const prices = `headrace: {prices: {file: "${join(folder.path, 'prices.json')}", cost_in_streams: true}}`;
  headrace = await startHeadrace({ config: `model_list:\n${models}\n${prices}\n` });
});
afterAll(async () => {
  await headrace?.stop();
  provider?.close();
  await folder?.remove();
});

function putPrices(inputUsd: number): Promise<void> {
  const filed = { input_cost_per_token: inputUsd, output_cost_per_token: 2e-6, output_cost_per_reasoning_token: 5e-6 };
  return writeFile(join(folder.path, 'prices.json'), JSON.stringify({ 'hosted_vllm/filed': filed }));
}

function answerOf(usage: object) {
  const choices = [{ index: 0, message: { role: 'assistant', content: 'hello' }, finish_reason: 'stop' }];
  return { id: 'chatcmpl-1', object: 'chat.completion', created: 1, model: 'm', choices, usage };
}

function streamOf(usage: object): string {
  const chunk = (fields: object) =>
    `data: ${JSON.stringify({ id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: 'm', ...fields })}\n\n`;
  const text = chunk({ choices: [{ index: 0, delta: { role: 'assistant', content: 'hello' }, finish_reason: null }] });
  const end = chunk({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] });
  return `${text}${end}${chunk({ choices: [], usage })}data: [DONE]\n\n`;
}

const ask = (model: string, stream = false): Promise<ChatAnswer> =>
  chat({ url: headrace.url, key: headrace.masterKey }, { model, stream, messages: [{ role: 'user', content: 'hi' }] });

test('an answer tells its cost by parts, as the price file has it, and the ledger holds the same', async () => {
  const answer = await ask('filed');
  expect(answer.headers).toMatchObject({
    'x-headrace-cost': 'total="0.00138", input="0.001", output="0.00008", reasoning="0.0003", source=file',
    'x-headrace-cost-usd': '0.00138',
    'x-litellm-response-cost': '0.00138',
    'x-litellm-response-cost-reasoning': '0.0003',
  });
  const rows = () => ledgerRows(headrace, String(answer.headers['x-headrace-job-id']));
  const row = await waitFor(async () => (await rows())[0], { what: 'the ledger row' });
  expect(row).toMatchObject({
    spend: 0.00138,
    headrace: { cost: { input_usd: '0.001', output_usd: '0.00008', reasoning_usd: '0.0003', total_usd: '0.00138', price_source: 'file' } },
  });
});

test('a changed price file counts for the next answers, without a restart', async () => {
  await putPrices(3e-6);
  await waitFor(async () => (await ask('filed')).headers['x-headrace-cost-usd'] === '0.00338', { what: 'the new price' });
});

test('a price that nobody knows is unknown and never zero, in the headers, the ledger and the metrics', async () => {
  const answer = await ask('nobody-knows');
  expect(answer.headers['x-headrace-cost']).toBe('source=unknown');
  expect(answer.headers).not.toHaveProperty('x-headrace-cost-usd');
  const rows = () => ledgerRows(headrace, String(answer.headers['x-headrace-job-id']));
  const row = await waitFor(async () => (await rows())[0], { what: 'the ledger row' });
  expect(row).toMatchObject({ spend: null, headrace: { cost: { total_usd: null, price_source: 'unknown' } } });
  const metrics = async () =>
    (await fetch(`${headrace.url}/metrics`, { headers: { authorization: `Bearer ${headrace.masterKey}` } })).text();
  await waitFor(async () => /headrace_attempts_unpriced_total\{[^}]*model_group="nobody-knows"[^}]*\} 1/.test(await metrics()), {
    what: 'the metric',
  });
});

test('what the provider says it cost counts where nobody else has a price', async () => {
  expect((await ask('stated')).headers['x-headrace-cost']).toBe('total="0.0123", request="0.0123", source=provider');
});

test('a stream ends with its cost in a comment, which the OpenAI SDK does not mind', async () => {
  const { text } = await ask('stated', true);
  expect(text.endsWith('data: [DONE]\n\n: headrace-cost total="0.0123", request="0.0123", source=provider\n\n')).toBe(true);
  const client = new OpenAI({ baseURL: `${headrace.url}/v1`, apiKey: headrace.masterKey });
  const stream = await client.chat.completions.create({ model: 'stated', stream: true, messages: [{ role: 'user', content: 'hi' }] });
  let content = '';
  for await (const chunk of stream) content += chunk.choices[0]?.delta.content ?? '';
  expect(content).toBe('hello');
});
