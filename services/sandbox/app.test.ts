import OpenAI from 'openai';
import { zodResponseFormat } from 'openai/helpers/zod';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { eventsOf, startTestSandbox, textOf, told } from './test-sandbox.ts';

async function startWithClient() {
  const sandbox = await startTestSandbox();
  return { ...sandbox, client: new OpenAI({ baseURL: `${sandbox.url}/v1`, apiKey: 'sk-any', maxRetries: 0 }) };
}

const WEATHER = { type: 'function', function: { name: 'get_weather', parameters: { properties: { city: { type: 'string' } } } } } as const;
const TIME = { type: 'function', function: { name: 'get_time', parameters: { properties: { timezone: { type: 'string' } } } } } as const;

test('echo tells what it was told, with exact usage', async () => {
  const { client } = await startWithClient();
  const answer = await client.chat.completions.create({ model: 'echo', messages: [{ role: 'user', content: 'hello there' }] });
  expect(answer.choices[0]).toMatchObject({ message: { role: 'assistant', content: 'You said: hello there' }, finish_reason: 'stop' });
  expect(answer.usage).toMatchObject({ prompt_tokens: 2, completion_tokens: 5, total_tokens: 7 });
});

test('a stream says the same as the answer in one piece, and its usage only when asked', async () => {
  const { client, chat } = await startWithClient();
  const stream = client.chat.completions.stream({
    model: 'echo',
    messages: [{ role: 'user', content: 'hello there' }],
    stream_options: { include_usage: true },
  });
  const final = await stream.finalChatCompletion();
  expect(final.choices[0]?.message.content).toBe('You said: hello there');
  expect(final.usage).toMatchObject({ prompt_tokens: 2, completion_tokens: 5 });
  const plain = await (await chat({ stream: true })).text();
  expect(plain).not.toContain('usage');
  expect(eventsOf(plain).at(-1)).toBe('[DONE]');
});

test('numbered tokens come in order and complete, however many', async () => {
  const { chat } = await startTestSandbox();
  const answer = await (await chat(told({ tokens: 20_000, numbered: true }, { stream: true }))).text();
  expect(textOf(answer)).toBe(Array.from({ length: 20_000 }, (_, index) => `t${index}`).join(' '));
});

test('the tools model calls a tool, takes its result and then answers', async () => {
  const { client } = await startWithClient();
  const first = await client.chat.completions.create({
    model: 'tools',
    messages: [{ role: 'user', content: 'weather?' }],
    tools: [WEATHER, TIME],
  });
  const call = first.choices[0]?.message.tool_calls?.[0];
  expect(first.choices[0]?.finish_reason).toBe('tool_calls');
  expect(call).toMatchObject({ type: 'function', function: { name: 'get_weather', arguments: '{"city":"Paris"}' } });
  const second = await client.chat.completions.create({
    model: 'tools',
    messages: [
      { role: 'user', content: 'weather?' },
      first.choices[0]!.message,
      { role: 'tool', tool_call_id: call!.id, content: 'sunny' },
    ],
    tools: [WEATHER, TIME],
  });
  expect(second.choices[0]).toMatchObject({ message: { content: 'The tool said: sunny' }, finish_reason: 'stop' });
});

test.each([
  ['both named', {}, ['get_weather', 'get_time']],
  ['both named, one allowed', { parallel_tool_calls: false }, ['get_weather']],
  ['one chosen', { tool_choice: { type: 'function', function: { name: 'get_time' } } } as const, ['get_time']],
  ['none allowed', { tool_choice: 'none' } as const, []],
])('tools in a stream: %s', async (_, more, names) => {
  const { client } = await startWithClient();
  const messages = [{ role: 'user' as const, content: 'use get_weather and get_time' }];
  const stream = client.chat.completions.stream({ model: 'tools', messages, tools: [WEATHER, TIME], ...more });
  const { choices } = await stream.finalChatCompletion();
  const calls = (choices[0]?.message.tool_calls ?? []).map((call) => (call.type === 'function' ? call.function : undefined));
  expect(calls.map((call) => call?.name)).toEqual(names);
  for (const call of calls) expect(JSON.parse(call?.arguments ?? '')).toBeTypeOf('object');
});

test('JSON asked for by a schema fits the schema, from any model', async () => {
  const { client } = await startWithClient();
  const format = zodResponseFormat(z.object({ steps: z.array(z.object({ title: z.string(), minutes: z.int() })) }), 'plan');
  for (const model of ['json', 'echo']) {
    const answer = await client.chat.completions.parse({
      model,
      messages: [{ role: 'user', content: 'plan it' }],
      response_format: format,
    });
    expect(answer.choices[0]?.message.parsed?.steps[0]?.minutes).toBeTypeOf('number');
  }
});

test('max_tokens cuts the answer and says so', async () => {
  const { chat } = await startTestSandbox();
  const answer = await (await chat(told({ text: 'one two three four' }, { max_tokens: 2 }))).json();
  expect(answer).toMatchObject({
    choices: [{ message: { content: 'one two' }, finish_reason: 'length' }],
    usage: { completion_tokens: 2 },
  });
});

test('n choices are n answers, in one piece and in a stream', async () => {
  const { client, chat } = await startWithClient();
  const whole = await (await chat({ n: 3 })).json();
  expect(whole).toMatchObject({ choices: [{ index: 0 }, { index: 1 }, { index: 2 }], usage: { completion_tokens: 15 } });
  const stream = client.chat.completions.stream({ model: 'echo', messages: [{ role: 'user', content: 'hello there' }], n: 3 });
  const { choices } = await stream.finalChatCompletion();
  expect(choices.map((choice) => choice.message.content)).toEqual(Array(3).fill('You said: hello there'));
});

test('text, tool calls, finish reason, cached tokens and usage are as told', async () => {
  const { chat } = await startTestSandbox();
  const calls = [{ name: 'f', arguments: '{"broken', id: 'call_1' }];
  const first = await (await chat(told({ tool_calls: calls, cached_tokens: 1 }))).json();
  expect(first).toMatchObject({
    choices: [{ message: { tool_calls: [{ id: 'call_1', function: { name: 'f', arguments: '{"broken' } }] }, finish_reason: 'tool_calls' }],
    usage: { prompt_tokens_details: { cached_tokens: 1 } },
  });
  const second = await (await chat(told({ text: 'no', finish_reason: 'content_filter', usage: false }))).json();
  expect(second).toMatchObject({ choices: [{ finish_reason: 'content_filter' }] });
  expect(second).not.toHaveProperty('usage');
  const third = await (await chat(told({ usage: { prompt_tokens: 9_000 } }))).json();
  expect(third).toMatchObject({ usage: { prompt_tokens: 9_000, completion_tokens: 5 } });
});

test('a script gives each call of a session its own entry, the last one for good', async () => {
  const { chat } = await startTestSandbox();
  const script = [{ status: 500 }, { status: 429, retry_after: 2 }, {}];
  const call = (session: string) => chat(told({ text: 'fine', script, session }));
  const statuses = [];
  for (let index = 0; index < 4; index += 1) statuses.push((await call('a')).status);
  expect(statuses).toEqual([500, 429, 200, 200]);
  expect((await call('b')).status).toBe(500);
});

test('the pace is kept by many streams at once, each complete', async () => {
  const { chat } = await startTestSandbox();
  const startedAt = performance.now();
  const body = told({ tokens: 20, numbered: true, tokens_per_second: 50, first_token_ms: 100 }, { stream: true });
  const texts = await Promise.all(Array.from({ length: 100 }, async () => textOf(await (await chat(body)).text())));
  expect(new Set(texts)).toEqual(new Set([Array.from({ length: 20 }, (_, index) => `t${index}`).join(' ')]));
  expect(performance.now() - startedAt).toBeGreaterThan(100 + 19 * 20 - 10);
});

test('a JSON answer takes as long as its tokens', async () => {
  const { chat } = await startTestSandbox();
  const startedAt = performance.now();
  await (await chat(told({ tokens: 11, tokens_per_second: 100 }))).text();
  expect(performance.now() - startedAt).toBeGreaterThan(95);
});

test('the behaviour of the whole sandbox holds unless the request says otherwise, and makes any model known', async () => {
  const { chat } = await startTestSandbox({ behaviour: () => ({ status: 529 }) });
  expect((await chat({ model: 'gpt-4o-mini' })).status).toBe(529);
  expect((await chat(told({ status: 200 }, { model: 'gpt-4o-mini' }))).status).toBe(200);
});

test('models are listed, found and, when asked for, invented', async () => {
  const { url } = await startTestSandbox();
  const list = (await (await fetch(`${url}/v1/models`)).json()) as { data: { id: string }[] };
  expect(list.data.map(({ id }) => id)).toContain('echo');
  expect((await fetch(`${url}/v1/models/truncate-7`)).status).toBe(200);
  expect((await fetch(`${url}/v1/models/gpt-4o-mini`)).status).toBe(404);
  const lenient = await startTestSandbox({ anyModel: true });
  expect((await lenient.chat({ model: 'gpt-4o-mini' })).status).toBe(200);
});

test('the sandbox is alive', async () => {
  const { url } = await startTestSandbox();
  expect((await fetch(`${url}/health/liveliness`)).status).toBe(200);
});
