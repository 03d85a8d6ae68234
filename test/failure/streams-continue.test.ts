import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RunningHeadrace, startHeadrace, waitFor } from '#testing';
import { awaitRows, createKey } from '../support/books.ts';
import { chat, type ChatTarget, readStream, startChat } from '../support/chat-client.ts';
import { startFailingModel, TOKENS, WHOLE_TEXT } from '../support/failing-model.ts';
import type { ScriptedProvider } from '../support/scripted-provider.ts';

/** `continue`: another attempt is given the text so far, and its output is joined on. The client sees one stream. */
let provider: ScriptedProvider;
let headrace: RunningHeadrace;
let target: ChatTarget;
let openai: OpenAI;

const PRICES = 'input_cost_per_token: 0.000001, output_cost_per_token: 0.000002';

beforeAll(async () => {
  provider = await startFailingModel();
  const base = `api_base: "${provider.url}", api_key: sk-provider, ${PRICES}`;
  headrace = await startHeadrace({
    config: `
model_list:
  - model_name: "*"
    litellm_params: { model: openai/*, ${base} }
  - model_name: crossing
    litellm_params: { model: "openai/reset@8,exact", ${base} }
  - model_name: claude
    litellm_params: { model: "anthropic/claude-sonnet-4-5,exact", api_base: "${provider.url.replace('/v1', '')}", api_key: sk-provider, ${PRICES} }
router_settings: { num_retries: 2, retry_after: 0, disable_cooldowns: true, fallbacks: [{ crossing: [claude] }] }
headrace:
  streams: { on_failure: continue }
  timeouts: { inter_chunk_ms: 900 }
`,
  });
  target = { url: headrace.url, key: await createKey(headrace) };
  openai = new OpenAI({ baseURL: `${headrace.url}/v1`, apiKey: target.key, maxRetries: 0 });
});
afterAll(async () => {
  await headrace.stop();
  provider.close();
});

function request(model: string, change: object = {}) {
  return {
    model,
    stream: true,
    stream_options: { include_usage: true },
    messages: [{ role: 'user', content: `go ${JSON.stringify(change)}` }],
    ...change,
  };
}

const rowsOf = (jobId: unknown, count: number) => awaitRows(headrace, jobId, count);

describe.each(['exact', 'repeats', 'anew'])('another attempt that answers "%s"', (second) => {
  test.each(['reset', 'close', 'stall', 'error-event', 'bad-json'])('gives the client the whole text once after a %s', async (fault) => {
    const answer = await chat(target, request(`${fault}@20,${second}`));
    const reading = readStream(answer.text);
    expect(reading).toMatchObject({ text: WHOLE_TEXT, done: true, finishReason: 'stop', error: undefined });
    const rows = await rowsOf(answer.headers['x-headrace-job-id'], 2);
    expect(rows.map((row) => row.headrace.status)).toEqual(['failure', 'success']);
    for (const row of rows) expect(row.spend).toBeGreaterThan(0);
  });

  test('is joined wherever the stream was cut', async () => {
    const cuts = [1, 2, 3, 7, 33, 60, 99, 100];
    const answers = await Promise.all(cuts.map((cut) => chat(target, request(`reset@${cut},${second}`))));
    expect(answers.map(({ text }) => readStream(text).text)).toEqual(cuts.map(() => WHOLE_TEXT));
  });
});

test('OpenAI’s SDK reads one stream: one id, one finish, the usage of both attempts', async () => {
  const { data: stream, response } = await openai.chat.completions
    .create({
      model: 'reset@30,repeats',
      messages: [{ role: 'user', content: 'sdk' }],
      stream: true,
      stream_options: { include_usage: true },
    })
    .withResponse();
  const chunks = [];
  for await (const chunk of stream) chunks.push(chunk);
  expect(chunks.map(({ choices }) => choices[0]?.delta.content ?? '').join('')).toBe(WHOLE_TEXT);
  expect(new Set(chunks.map(({ id }) => id)).size).toBe(1);
  expect(chunks.filter(({ choices }) => choices[0]?.finish_reason)).toHaveLength(1);
  const rows = await rowsOf(response.headers.get('x-headrace-job-id'), 2);
  const usage = chunks.find((chunk) => chunk.usage)?.usage;
  expect(usage?.completion_tokens).toBe((rows[0]?.completion_tokens ?? 0) + (rows[1]?.completion_tokens ?? 0));
  expect(usage?.prompt_tokens).toBe((rows[0]?.prompt_tokens ?? 0) + (rows[1]?.prompt_tokens ?? 0));
});

test('Anthropic’s SDK reads one message of one block, though an OpenAI deployment began it and another went on', async () => {
  const anthropic = new Anthropic({ baseURL: headrace.url, apiKey: target.key, maxRetries: 0 });
  const message = await anthropic.messages
    .stream({ model: 'reset@30,exact', max_tokens: 500, messages: [{ role: 'user', content: 'claude sdk' }] })
    .finalMessage();
  expect(message.content).toEqual([{ type: 'text', text: WHOLE_TEXT }]);
  expect(message.stop_reason).toBe('end_turn');
});

test('OpenAI’s SDK reads one response, events numbered without a gap', async () => {
  const stream = await openai.responses.create({ model: 'reset@30,exact', input: 'responses sdk', stream: true });
  const events = [];
  for await (const event of stream) events.push(event);
  expect(events.map(({ sequence_number }) => sequence_number)).toEqual(events.map((_event, index) => index));
  const last = events.at(-1);
  expect(last?.type).toBe('response.completed');
  expect(last?.type === 'response.completed' && last.response.output).toMatchObject([{ content: [{ text: WHOLE_TEXT }] }]);
});

test('another provider goes on, with the text so far as the beginning of its answer', async () => {
  const answer = await chat(target, { ...request('crossing'), num_retries: 0 });
  expect(readStream(answer.text)).toMatchObject({ text: WHOLE_TEXT, done: true, finishReason: 'stop' });
  const asked = JSON.parse(provider.requests.at(-1)?.body.toString() ?? '{}') as { messages: object[] };
  expect(asked.messages.at(-1)).toMatchObject({ role: 'assistant', content: [{ text: TOKENS.slice(0, 8).join('').trimEnd() }] });
  const rows = await rowsOf(answer.headers['x-headrace-job-id'], 2);
  expect(rows.map((row) => row.headrace.status)).toEqual(['failure', 'success']);
});

test('an answer that fails again and again goes on until the attempts are used up, then ends with an error event', async () => {
  const answer = await chat(target, request('reset@10,again'));
  const reading = readStream(answer.text);
  expect(reading).toMatchObject({ text: TOKENS.slice(0, 30).join(''), done: false, error: { code: 'upstream_truncated' } });
  await rowsOf(answer.headers['x-headrace-job-id'], 3);
});

describe('what can’t be joined ends with an error event', () => {
  const tools = [{ type: 'function', function: { name: 'weather', parameters: { type: 'object' } } }];
  test.each([
    ['inside a tool call', 'tool@0,exact', { tools }],
    ['JSON mode', 'reset@20,exact', { response_format: { type: 'json_object' } }],
    ['several choices', 'reset@20,exact', { n: 2 }],
  ])('%s', async (_what, model, change) => {
    const answer = await chat(target, request(model, change));
    expect(readStream(answer.text)).toMatchObject({ done: false, error: { code: 'upstream_truncated' } });
    await rowsOf(answer.headers['x-headrace-job-id'], 1);
  });

  test('a request that asks for errors', async () => {
    const answer = await chat(target, request('reset@20,exact', { user: 'x' }), { 'x-headrace-stream-on-failure': 'error' });
    expect(readStream(answer.text)).toMatchObject({ done: false, error: { code: 'upstream_truncated' } });
  });
});

test('a worker killed in the middle of a stream: another one goes on with what the client has', async () => {
  const call = startChat(target, request('stall@40,exact', { user: 'kill' }), { 'x-headrace-deadline-ms': '30000' });
  const head = await call.head;
  await waitFor(() => head.socket.bytesRead > 5_000, { what: 'the first tokens', intervalMs: 5 });
  await headrace.kill('worker');
  const answer = await call.answer;
  expect(readStream(answer.text)).toMatchObject({ text: WHOLE_TEXT, done: true, finishReason: 'stop', error: undefined });
  const rows = await rowsOf(answer.headers['x-headrace-job-id'], 2);
  expect(rows.map((row) => row.headrace.status)).toEqual(['lost', 'success']);
  expect(rows[0]?.completion_tokens).toBeGreaterThan(0);
});

test('an unknown policy is refused by name', async () => {
  const answer = await chat(target, { ...request('x'), headrace_stream_on_failure: 'carry-on' });
  expect(answer.status).toBe(400);
  expect(JSON.parse(answer.text).error).toMatchObject({ param: 'headrace_stream_on_failure' });
});
