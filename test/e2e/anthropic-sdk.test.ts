import Anthropic from '@anthropic-ai/sdk';
import { LLMock } from '@copilotkit/aimock';
import OpenAI from 'openai';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type RunningHeadrace, startHeadrace, waitFor } from '#testing';
import { createKey, ledgerRows } from '../support/books.ts';
import { base, hello, thrown } from '../support/anthropic-client.ts';
import { type CaptureProvider, startCaptureProvider } from '../support/capture-provider.ts';

/**
 * The stock Anthropic SDK in front; behind, the sandbox (which speaks OpenAI's format, so that everything is translated) and an
 * independent simulator of Anthropic (so that bytes are relayed).
 */
let mock: LLMock;
let counter: CaptureProvider;
let headrace: RunningHeadrace;
let key: string;
let client: Anthropic;

beforeAll(async () => {
  mock = new LLMock({ port: 0 });
  await mock.start();
  counter = await startCaptureProvider(() => '{"input_tokens":1234}');
  headrace = await startHeadrace({
    config: `
model_list:
  - model_name: "sandbox/*"
    litellm_params: { model: "sandbox/*" }
  - model_name: claude
    litellm_params: { model: anthropic/claude-sonnet-4-5, api_base: "${mock.url}", api_key: sk-anthropic }
  - model_name: counter
    litellm_params: { model: anthropic/claude-sonnet-4-5, api_base: "${counter.url}", api_key: sk-anthropic }
router_settings: { num_retries: 0 }
`,
  });
  key = await createKey(headrace);
  client = new Anthropic({ baseURL: headrace.url, apiKey: key, maxRetries: 0 });
});
afterAll(async () => {
  await headrace.stop();
  await mock.stop();
  counter.close();
});
beforeEach(() => {
  mock.reset();
});

/** The sandbox takes instructions as a body field that the SDK does not know: it must travel on. */
const behave = (sandbox: object) => ({ sandbox }) as object;
const WEATHER = {
  name: 'get_weather',
  description: 'The weather of a city',
  input_schema: { type: 'object' as const, properties: { city: { type: 'string' } }, required: ['city'] },
};
const TWO_CALLS = [
  { id: 'call_a', name: 'get_weather', arguments: '{"city":"Oslo"}' },
  { id: 'call_b', name: 'get_weather', arguments: '{"city":"Rome"}' },
];

describe('against a provider of OpenAI’s format', () => {
  test('create answers with a message, its usage and the request’s id', async () => {
    const message = await client.messages.create(base('sandbox/echo', { system: [{ type: 'text', text: 'Be kind.' }] }));
    expect(message).toMatchObject({
      type: 'message',
      role: 'assistant',
      content: [{ type: 'text', text: 'You said: Hello there' }],
      stop_reason: 'end_turn',
    });
    expect(message.id).toMatch(/^msg_/);
    expect(message.usage.input_tokens).toBeGreaterThan(0);
    expect(message.usage.output_tokens).toBe(5);
    expect(message._request_id).toMatch(/^job_/);
  });

  test('.stream() gives every piece and the same final message', async () => {
    const pieces: string[] = [];
    const stream = client.messages.stream(base('sandbox/echo')).on('text', (piece) => pieces.push(piece));
    const message = await stream.finalMessage();
    expect(message).toMatchObject({
      content: [{ type: 'text', text: 'You said: Hello there' }],
      stop_reason: 'end_turn',
      usage: { output_tokens: 5 },
    });
    expect(message.usage.input_tokens).toBeGreaterThan(0);
    expect(pieces.join('')).toBe('You said: Hello there');
    expect(pieces.length).toBeGreaterThan(2);
  });

  test.each([false, true])('parallel tool calls and their results in the next turn (stream: %s)', async (stream) => {
    const request = base('sandbox/echo', { tools: [WEATHER], ...behave({ tool_calls: TWO_CALLS }) });
    const first = stream ? await client.messages.stream(request).finalMessage() : await client.messages.create(request);
    expect(first.stop_reason).toBe('tool_use');
    expect(first.content).toMatchObject([
      { type: 'tool_use', id: 'call_a', name: 'get_weather', input: { city: 'Oslo' } },
      { type: 'tool_use', id: 'call_b', name: 'get_weather', input: { city: 'Rome' } },
    ]);
    const results = ['call_a', 'call_b'].map((id) => ({ type: 'tool_result' as const, tool_use_id: id, content: 'rain' }));
    const second = await client.messages.create({
      ...base('sandbox/echo', { tools: [WEATHER] }),
      messages: [
        ...hello(),
        { role: 'assistant', content: first.content },
        { role: 'user', content: [...results, { type: 'text', text: 'So?' }] },
      ],
    });
    expect(second).toMatchObject({ stop_reason: 'end_turn', content: [{ type: 'text' }] });
  });

  test('an answer cut by its limit stops by max_tokens', async () => {
    const message = await client.messages.create(base('sandbox/echo', { max_tokens: 2, ...behave({ tokens: 50 }) }));
    expect(message.stop_reason).toBe('max_tokens');
  });

  test('what a coding agent sends with every call goes through, and what was left out is named', async () => {
    const request = {
      ...base('sandbox/echo'),
      system: [{ type: 'text' as const, text: 'You are an agent.', cache_control: { type: 'ephemeral' as const } }],
      messages: [
        { role: 'user' as const, content: [{ type: 'text' as const, text: 'Hello there', cache_control: { type: 'ephemeral' as const } }] },
      ],
      tools: [{ ...WEATHER, eager_input_streaming: true }],
      metadata: { user_id: `user_${'ab'.repeat(32)}_account__session_0b5e3b4e-6f1c-4a0e-9d53-6f3f1f6b2c11` },
      context_management: { edits: [{ type: 'clear_thinking_20251015' }] },
      container: null,
    };
    const headers = { 'anthropic-beta': 'claude-code-20250219,interleaved-thinking-2025-05-14', 'user-agent': 'claude-cli/2.1' };
    const { data, response } = await client.messages.create(request, { headers, query: { beta: 'true' } }).withResponse();
    expect(data.content).toMatchObject([{ type: 'text', text: 'You said: Hello there' }]);
    expect(response.headers.get('x-headrace-dropped-params')).toBe('tools.eager_input_streaming, context_management');
    const row = await waitFor(async () => (await ledgerRows(headrace, response.headers.get('x-headrace-job-id') ?? ''))[0], {
      what: 'the ledger row',
    });
    expect(row.session_id).toBe('0b5e3b4e-6f1c-4a0e-9d53-6f3f1f6b2c11');
  });

  test('count_tokens is an estimate that is marked as one and costs nothing', async () => {
    const { data, response } = await client.messages
      .countTokens({ model: 'sandbox/echo', messages: hello('one two three'), tools: [WEATHER] })
      .withResponse();
    expect(data.input_tokens).toBeGreaterThan(20);
    expect(data.input_tokens).toBeLessThan(80);
    expect(response.headers.get('x-headrace-estimated')).toBe('true');
    const row = await waitFor(async () => (await ledgerRows(headrace, response.headers.get('x-headrace-job-id') ?? ''))[0], {
      what: 'the ledger row',
    });
    expect(row).toMatchObject({ prompt_tokens: 0, completion_tokens: 0, spend: 0 });
  });
});

describe('against Anthropic’s own format', () => {
  test.each([false, true])('thinking comes with its signature (stream: %s)', async (stream) => {
    mock.onMessage('think', { content: 'Therefore 4.', reasoning: 'Two and two.' });
    const request = { ...base('claude'), messages: hello('think'), thinking: { type: 'enabled' as const, budget_tokens: 1_024 } };
    const message = stream ? await client.messages.stream(request).finalMessage() : await client.messages.create(request);
    expect(message.content).toMatchObject([
      { type: 'thinking', thinking: 'Two and two.', signature: expect.stringMatching(/./) },
      { type: 'text', text: 'Therefore 4.' },
    ]);
  });

  test.each([false, true])('tool calls, and the next turn with its thinking given back (stream: %s)', async (stream) => {
    mock.onToolResult('call_b', { content: 'Rain in Oslo, sun in Rome.' });
    mock.onMessage('weather', { toolCalls: TWO_CALLS });
    const request = { ...base('claude'), messages: hello('weather'), tools: [WEATHER] };
    const first = stream ? await client.messages.stream(request).finalMessage() : await client.messages.create(request);
    expect(first).toMatchObject({
      stop_reason: 'tool_use',
      content: [
        { id: 'call_a', input: { city: 'Oslo' } },
        { id: 'call_b', input: { city: 'Rome' } },
      ],
    });
    const results = ['call_a', 'call_b'].map((id) => ({ type: 'tool_result' as const, tool_use_id: id, content: 'fine' }));
    const messages = [
      ...request.messages,
      { role: 'assistant' as const, content: first.content },
      { role: 'user' as const, content: results },
    ];
    const second = await client.messages.create({ ...request, messages });
    expect(second.content).toMatchObject([{ type: 'text', text: 'Rain in Oslo, sun in Rome.' }]);
  });

  test('unknown fields and betas arrive as they were sent, the virtual key does not', async () => {
    mock.onMessage('hi', { content: 'x' });
    await client.beta.messages.create({
      ...base('claude'),
      messages: hello('hi'),
      betas: ['a-2026-01-01'],
      ...{ brand_new: { at: 'all' } },
    });
    const { headers = {}, body, path } = mock.getLastRequest() ?? {};
    expect(path).toMatch(/^\/v1\/messages/);
    expect(headers).toMatchObject({
      'anthropic-version': expect.stringMatching(/^20\d\d-/),
      'anthropic-beta': 'a-2026-01-01',
      'x-api-key': expect.not.stringContaining(key),
    });
    expect(JSON.stringify(headers)).not.toContain(key);
    expect(body).toBeDefined();
  });

  test('the usage it states is in the ledger', async () => {
    mock.onMessage('usage', { content: 'x', usage: { input_tokens: 1_000, output_tokens: 50 } });
    const { data, response } = await client.messages.create({ ...base('claude'), messages: hello('usage') }).withResponse();
    expect(data.usage).toMatchObject({ input_tokens: 1_000, output_tokens: 50 });
    const row = await waitFor(async () => (await ledgerRows(headrace, response.headers.get('x-headrace-job-id') ?? ''))[0], {
      what: 'the ledger row',
    });
    expect(row).toMatchObject({ prompt_tokens: 1_000, completion_tokens: 50 });
  });

  test('a stream that it cuts throws', async () => {
    mock.onMessage('cut stream', { content: 'word '.repeat(50) }, { chunkSize: 5, latency: 20, truncateAfterChunks: 10 });
    const stream = client.messages.stream({ ...base('claude'), messages: hello('cut stream') });
    const error = await thrown(stream.finalMessage());
    expect(error).toMatchObject({ type: 'api_error', errorCode: 'upstream_truncated' });
  });

  test.each([
    [429, Anthropic.RateLimitError, 'rate_limit_error', 429],
    [529, Anthropic.InternalServerError, 'overloaded_error', 503],
    [400, Anthropic.BadRequestError, 'invalid_request_error', 400],
  ] as const)('its error %i has the SDK’s class and the provider’s words', async (status, errorClass, type, ours) => {
    mock.nextRequestError(status, { message: 'the provider’s own words', type });
    const error = await thrown(client.messages.create(base('claude')));
    expect(error).toBeInstanceOf(errorClass);
    expect(error).toMatchObject({ status: ours, error: { type: 'error', error: { type, message: 'the provider’s own words' } } });
  });

  test('count_tokens is asked of the provider and costs nothing', async () => {
    const { data, response } = await client.messages.countTokens({ model: 'counter', messages: hello() }).withResponse();
    expect(data.input_tokens).toBe(1_234);
    expect(response.headers.get('x-headrace-estimated')).toBeNull();
    expect(counter.requests.at(-1)?.path).toBe('/v1/messages/count_tokens');
    expect(JSON.parse(counter.requests.at(-1)?.body ?? '')).toEqual({ model: 'claude-sonnet-4-5', messages: hello() });
    const row = await waitFor(async () => (await ledgerRows(headrace, response.headers.get('x-headrace-job-id') ?? ''))[0], {
      what: 'the ledger row',
    });
    expect(row).toMatchObject({ prompt_tokens: 0, completion_tokens: 0, spend: 0 });
  });
});

describe('completions, the format before chats', () => {
  const openai = () => new OpenAI({ baseURL: `${headrace.url}/v1`, apiKey: key, maxRetries: 0 });

  test('are answered by a chat provider', async () => {
    const answer = await openai().completions.create({ model: 'sandbox/echo', prompt: 'Hello there', max_tokens: 100 });
    expect(answer).toMatchObject({
      object: 'text_completion',
      choices: [{ text: 'You said: Hello there', finish_reason: 'stop' }],
      usage: { completion_tokens: 5 },
    });
    expect(answer.id).toMatch(/^cmpl-/);
  });

  test('are streamed by Anthropic', async () => {
    mock.onMessage('Once', { content: 'upon a time' }, { chunkSize: 4 });
    let text = '';
    for await (const chunk of await openai().completions.create({ model: 'claude', prompt: ['Once'], stream: true }))
      text += chunk.choices[0]?.text ?? '';
    expect(text).toBe('upon a time');
  });

  test('refuse what a chat can’t do, by name', async () => {
    await expect(openai().completions.create({ model: 'sandbox/echo', prompt: 'x', echo: true })).rejects.toMatchObject({
      status: 400,
      code: 'unsupported_parameter',
      param: 'echo',
    });
  });
});
