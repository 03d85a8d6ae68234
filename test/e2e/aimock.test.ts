import { LLMock } from '@copilotkit/aimock';
import OpenAI from 'openai';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type RunningHeadrace, startHeadrace, waitFor } from '#testing';
import { ledgerRows } from '../support/books.ts';

/**
 * Both ends written by others: OpenAI's SDK in front, an independent simulator of OpenAI and Anthropic behind. What it says
 * in Anthropic's format must reach an OpenAI client as the same answer.
 */
let mock: LLMock;
let headrace: RunningHeadrace;
let client: OpenAI;

beforeAll(async () => {
  mock = new LLMock({ port: 0 });
  await mock.start();
  headrace = await startHeadrace({
    config: `
model_list:
  - model_name: openai
    litellm_params: { model: openai/gpt-4o-mini, api_base: "${mock.url}/v1", api_key: sk-openai }
  - model_name: anthropic
    litellm_params: { model: anthropic/claude-sonnet-4-5, api_base: "${mock.url}", api_key: sk-anthropic }
  - model_name: ollama
    litellm_params: { model: ollama_chat/llama3.1, api_base: "${mock.url}" }
router_settings: { num_retries: 0 }
`,
  });
  client = new OpenAI({ baseURL: `${headrace.url}/v1`, apiKey: headrace.masterKey, maxRetries: 0 });
});
afterAll(async () => {
  await headrace.stop();
  await mock.stop();
});
beforeEach(() => {
  mock.reset();
});

const PROVIDERS = ['openai', 'anthropic'] as const;
const PATHS = { openai: '/v1/chat/completions', anthropic: '/v1/messages' } as const;

const user = (content: OpenAI.Chat.ChatCompletionUserMessageParam['content']) => [{ role: 'user' as const, content }];
const WEATHER_TOOL = {
  type: 'function' as const,
  function: { name: 'get_weather', parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] } },
};

/** In the provider's own terms. */
function statedUsage(provider: (typeof PROVIDERS)[number]) {
  if (provider === 'anthropic') return { input_tokens: 1_000, output_tokens: 50 };
  return { prompt_tokens: 1_000, completion_tokens: 50, total_tokens: 1_050 };
}

/** What the provider was sent last, on the path of its format. */
function lastRequest(provider: (typeof PROVIDERS)[number]) {
  const entry = mock.getLastRequest();
  expect(entry?.path).toBe(PATHS[provider]);
  return entry;
}

async function ledgerRowOf(response: Response) {
  const jobId = response.headers.get('x-headrace-job-id') ?? '';
  return waitFor(async () => (await ledgerRows(headrace, jobId))[0], { what: 'the ledger row' });
}

describe.each(PROVIDERS)('%s', (model) => {
  test('text', async () => {
    mock.onMessage('hello', { content: 'Hi there, friend!' });
    const answer = await client.chat.completions.create({ model, messages: user('hello') });
    expect(answer).toMatchObject({
      object: 'chat.completion',
      choices: [{ index: 0, message: { role: 'assistant', content: 'Hi there, friend!' }, finish_reason: 'stop' }],
    });
    lastRequest(model);
  });

  test('a stream, piece by piece, with its usage', async () => {
    const text = 'A longer answer, so that it comes in several pieces: ä, 世界, 👋.';
    mock.onMessage('stream', { content: text, usage: statedUsage(model) }, { chunkSize: 7 });
    const pieces: string[] = [];
    const final = await client.chat.completions
      .stream({ model, messages: user('stream'), stream_options: { include_usage: true } })
      .on('content', (piece) => pieces.push(piece))
      .finalChatCompletion();
    expect(pieces.length).toBeGreaterThan(3);
    expect(final.choices[0]).toMatchObject({ message: { content: text }, finish_reason: 'stop' });
    expect(final.usage).toMatchObject({ prompt_tokens: 1_000, completion_tokens: 50, total_tokens: 1_050 });
  });

  test('the system prompt and a conversation arrive', async () => {
    mock.on({ systemMessage: 'Speak like a pirate' }, { content: 'Arr.' });
    const answer = await client.chat.completions.create({
      model,
      messages: [
        { role: 'system', content: 'Speak like a pirate' },
        { role: 'user', content: 'one' },
        { role: 'assistant', content: 'two' },
        { role: 'user', content: 'three' },
      ],
    });
    expect(answer.choices[0]?.message.content).toBe('Arr.');
  });

  test.each([false, true])('parallel tool calls (stream: %s), and their results in the next turn', async (stream) => {
    mock.onToolResult('call_b', { content: 'Rain in Oslo, sun in Rome.' });
    mock.onMessage('weather', {
      toolCalls: [
        { id: 'call_a', name: 'get_weather', arguments: '{"city":"Oslo"}' },
        { id: 'call_b', name: 'get_weather', arguments: '{"city":"Rome"}' },
      ],
    });
    const messages: OpenAI.Chat.ChatCompletionMessageParam[] = user('weather');
    const request = { model, messages, tools: [WEATHER_TOOL] };
    const first = stream
      ? await client.chat.completions.stream(request).finalChatCompletion()
      : await client.chat.completions.create(request);
    const [choice] = first.choices;
    expect(choice?.finish_reason).toBe('tool_calls');
    const calls = (choice?.message.tool_calls ?? []).filter((call) => call.type === 'function');
    expect(calls.map(({ id, function: called }) => [id, called.name, JSON.parse(called.arguments)])).toEqual([
      ['call_a', 'get_weather', { city: 'Oslo' }],
      ['call_b', 'get_weather', { city: 'Rome' }],
    ]);
    const results = calls.map((call) => ({ role: 'tool' as const, tool_call_id: call.id, content: 'fine' }));
    const second = await client.chat.completions.create({
      model,
      messages: [...messages, { role: 'assistant', content: null, tool_calls: calls }, ...results],
      tools: [WEATHER_TOOL],
    });
    expect(second.choices[0]).toMatchObject({ message: { content: 'Rain in Oslo, sun in Rome.' }, finish_reason: 'stop' });
  });

  test.each([false, true])('text and a tool call in one answer (stream: %s)', async (stream) => {
    mock.onMessage('both', { content: 'Let me look.', toolCalls: [{ name: 'get_weather', arguments: '{"city":"Oslo"}' }] });
    const request = { model, messages: user('both'), tools: [WEATHER_TOOL] };
    const answer = stream
      ? await client.chat.completions.stream(request).finalChatCompletion()
      : await client.chat.completions.create(request);
    expect(answer.choices[0]).toMatchObject({
      message: { content: 'Let me look.', tool_calls: [{ function: { name: 'get_weather', arguments: '{"city":"Oslo"}' } }] },
      finish_reason: 'tool_calls',
    });
  });

  test('an image arrives', async () => {
    const png = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
    mock.onMessage('picture', { content: 'A dot.' });
    const answer = await client.chat.completions.create({
      model,
      messages: user([
        { type: 'text', text: 'what is in the picture' },
        { type: 'image_url', image_url: { url: `data:image/png;base64,${png}` } },
      ]),
    });
    expect(answer.choices[0]?.message.content).toBe('A dot.');
  });

  test('an answer in JSON', async () => {
    mock.onMessage('json', { content: '{"name":"Ada","age":36}' });
    const answer = await client.chat.completions.create({
      model,
      messages: user('json'),
      response_format: {
        type: 'json_schema',
        json_schema: {
          name: 'person',
          strict: true,
          schema: {
            type: 'object',
            properties: { name: { type: 'string' }, age: { type: 'integer' } },
            required: ['name', 'age'],
            additionalProperties: false,
          },
        },
      },
    });
    expect(JSON.parse(answer.choices[0]?.message.content ?? '')).toEqual({ name: 'Ada', age: 36 });
  });

  test('an answer cut by its token limit ends with length', async () => {
    mock.onMessage('cut', { content: 'Once upon a', finishReason: 'length' });
    const whole = await client.chat.completions.create({ model, messages: user('cut'), max_completion_tokens: 3 });
    const streamed = await client.chat.completions.stream({ model, messages: user('cut'), max_completion_tokens: 3 }).finalChatCompletion();
    for (const answer of [whole, streamed])
      expect(answer.choices[0]).toMatchObject({ message: { content: 'Once upon a' }, finish_reason: 'length' });
  });

  test.each([
    [400, OpenAI.BadRequestError],
    [429, OpenAI.RateLimitError],
    [500, OpenAI.InternalServerError],
    [529, OpenAI.InternalServerError],
  ] as const)('its error %i has the SDK’s class and the provider’s words', async (status, errorClass) => {
    mock.nextRequestError(status, { message: 'the provider’s own words', type: 'some_error' });
    const failing = client.chat.completions.create({ model, messages: user('x') });
    await expect(failing).rejects.toBeInstanceOf(errorClass);
    await expect(failing).rejects.toThrow('the provider’s own words');
  });

  test('its refusal of our key is not the client’s', async () => {
    mock.nextRequestError(401, { message: 'invalid x-api-key', type: 'authentication_error' });
    await expect(client.chat.completions.create({ model, messages: user('x') })).rejects.toMatchObject({
      status: 502,
      code: 'upstream_auth',
    });
  });

  test('a stream that it cuts throws', async () => {
    // with a pause between the pieces, or the cut overtakes them in the socket
    mock.onMessage('cut stream', { content: 'word '.repeat(50) }, { chunkSize: 5, latency: 20, truncateAfterChunks: 10 });
    const stream = await client.chat.completions.create({ model, messages: user('cut stream'), stream: true });
    let text = '';
    const reading = (async () => {
      for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? '';
    })();
    await expect(reading).rejects.toMatchObject({ code: 'upstream_truncated' });
    expect(text).toMatch(/^(word ){2,}$/);
  });

  test.each([false, true])('a body that is no JSON is refused, never passed on (stream: %s)', async (stream) => {
    mock.onMessage('chaos', { content: 'x' }, { chaos: { malformedRate: 1 } });
    const failing = client.chat.completions.create({
      model,
      messages: user('chaos'),
      stream,
    } as OpenAI.Chat.ChatCompletionCreateParamsNonStreaming);
    await expect(failing).rejects.toMatchObject({ status: 502, code: expect.stringMatching(/^upstream_/) });
  });

  test('the ledger has the usage that it stated', async () => {
    mock.onMessage('usage', { content: 'x', usage: statedUsage(model) });
    const { data, response } = await client.chat.completions.create({ model, messages: user('usage') }).withResponse();
    expect(data.usage).toMatchObject({ prompt_tokens: 1_000, completion_tokens: 50, total_tokens: 1_050 });
    expect(await ledgerRowOf(response)).toMatchObject({
      prompt_tokens: 1_000,
      completion_tokens: 50,
      headrace: { tokens: { estimated: false } },
    });
  });
});

describe('what only one of them has', () => {
  test('cached tokens of OpenAI are in the answer and in the ledger', async () => {
    const usage = { prompt_tokens: 1_000, completion_tokens: 10, total_tokens: 1_010, prompt_tokens_details: { cached_tokens: 800 } };
    mock.onMessage('cached', { content: 'x', usage });
    const { data, response } = await client.chat.completions.create({ model: 'openai', messages: user('cached') }).withResponse();
    if (data.usage?.prompt_tokens_details) expect(data.usage.prompt_tokens_details.cached_tokens).toBe(800);
    expect(await ledgerRowOf(response)).toMatchObject({ prompt_tokens: 1_000 });
  });

  test.each([false, true])('Anthropic’s thinking comes as reasoning_content (stream: %s)', async (stream) => {
    mock.onMessage('think', { content: 'Therefore 4.', reasoning: 'Two and two.' });
    const request = { model: 'anthropic', messages: user('think'), reasoning_effort: 'low' as const };
    let reasoning = '';
    let text = '';
    if (stream) {
      for await (const chunk of await client.chat.completions.create({ ...request, stream })) {
        const delta = chunk.choices[0]?.delta as { content?: string; reasoning_content?: string } | undefined;
        reasoning += delta?.reasoning_content ?? '';
        text += delta?.content ?? '';
      }
    } else {
      const answer = await client.chat.completions.create(request);
      const message = answer.choices[0]?.message as { content: string; reasoning_content?: string };
      reasoning = message.reasoning_content ?? '';
      text = message.content;
    }
    expect([reasoning, text]).toEqual(['Two and two.', 'Therefore 4.']);
  });

  test('the request to Anthropic carries its key and version in Anthropic’s headers', async () => {
    mock.onMessage('headers', { content: 'x' });
    await client.chat.completions.create({ model: 'anthropic', messages: user('headers') });
    const headers = lastRequest('anthropic')?.headers ?? {};
    expect(headers).toHaveProperty('anthropic-version');
    expect(JSON.stringify(headers)).not.toContain(headrace.masterKey);
  });
});

test('lines of JSON, as Ollama streams, reach the client as a stream', async () => {
  mock.onMessage('hello', { content: 'Hi there, friend!' }, { chunkSize: 4 });
  const stream = await client.chat.completions.create({ model: 'ollama', messages: user('hello'), stream: true });
  const pieces: string[] = [];
  for await (const chunk of stream) pieces.push(chunk.choices[0]?.delta.content ?? '');
  expect(pieces.join('')).toBe('Hi there, friend!');
  expect(pieces.filter((piece) => piece !== '').length).toBeGreaterThan(1);
  expect(mock.getLastRequest()?.path).toBe('/api/chat');
});
