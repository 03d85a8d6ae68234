import { LLMock } from '@copilotkit/aimock';
import OpenAI from 'openai';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type RunningHeadrace, startHeadrace, waitFor } from '#testing';
import { createKey, ledgerRows } from '../support/books.ts';

/**
 * `/v1/responses` with the stock `openai` package, in front of providers of three formats: the sandbox (chat completions), and an
 * independent simulator as OpenAI's Responses API and as Anthropic.
 */
let mock: LLMock;
let headrace: RunningHeadrace;
let client: OpenAI;
let stranger: OpenAI;

beforeAll(async () => {
  mock = new LLMock({ port: 0 });
  await mock.start();
  headrace = await startHeadrace({
    config: `
model_list:
  - model_name: echo
    litellm_params: { model: sandbox/echo }
  - model_name: native
    litellm_params: { model: openai/responses/gpt-4o-mini, api_base: "${mock.url}/v1", api_key: sk-openai }
  - model_name: mixed
    litellm_params: { model: openai/responses/gpt-4o-mini, api_base: "${mock.url}/v1", api_key: sk-openai }
  - model_name: mixed
    litellm_params: { model: anthropic/claude-sonnet-4-5, api_base: "${mock.url}", api_key: sk-anthropic }
  - model_name: anthropic
    litellm_params: { model: anthropic/claude-sonnet-4-5, api_base: "${mock.url}", api_key: sk-anthropic }
router_settings: { num_retries: 0 }
`,
  });
  const connect = async () => new OpenAI({ baseURL: `${headrace.url}/v1`, apiKey: await createKey(headrace), maxRetries: 0 });
  client = await connect();
  stranger = await connect();
});
afterAll(async () => {
  await headrace?.stop();
  await mock?.stop();
});
beforeEach(() => {
  mock.reset();
});

const TOOL = {
  type: 'function' as const,
  name: 'get_weather',
  parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
  strict: false,
};
const lastBody = (): Record<string, unknown> => (mock.getLastRequest()?.body ?? {}) as unknown as Record<string, unknown>;
/** Simulated requests are kept in the simulator's own terms: paths say which format they came in. */
const lastPath = (): string | undefined => mock.getLastRequest()?.path;

describe('in front of a provider of chat completions', () => {
  test('create answers, and is in the ledger with its route', async () => {
    const { data, response } = await client.responses.create({ model: 'echo', input: 'Hello there' }).withResponse();
    expect(data).toMatchObject({ object: 'response', status: 'completed', output_text: 'You said: Hello there' });
    expect(data.usage).toMatchObject({ input_tokens: 2, output_tokens: 5, total_tokens: 7 });
    const jobId = response.headers.get('x-headrace-job-id') ?? '';
    expect(data.id).toBe(`resp_${jobId}`);
    const row = await waitFor(async () => (await ledgerRows(headrace, jobId))[0], { what: 'the ledger row' });
    expect(row).toMatchObject({ prompt_tokens: 2, completion_tokens: 5 });
  });

  test('the stream helper gives every piece and the final response', async () => {
    const pieces: string[] = [];
    const stream = client.responses.stream({ model: 'echo', input: 'Hello there' });
    stream.on('response.output_text.delta', ({ delta }) => pieces.push(delta));
    const final = await stream.finalResponse();
    expect(pieces.length).toBeGreaterThan(2);
    expect(final).toMatchObject({ status: 'completed', output_text: 'You said: Hello there', usage: { input_tokens: 2 } });
    expect(pieces.join('')).toBe(final.output_text);
  });

  test('a JSON schema is parsed by the SDK', async () => {
    const schema = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'], additionalProperties: false };
    const response = await client.responses.create({
      model: 'echo',
      input: 'Where?',
      text: { format: { type: 'json_schema', name: 'place', schema, strict: true } },
    });
    expect(JSON.parse(response.output_text)).toEqual({ city: expect.any(String) as string });
  });

  test.each([
    [{ model: 'nobody' }, { status: 404, code: 'model_not_found' }],
    [{ input: 5 as unknown as string }, { status: 400, code: 'invalid_request', param: 'input' }],
    [{ background: 'yes' as unknown as boolean }, { status: 400, code: 'invalid_request', param: 'background' }],
    [{ tools: [{ type: 'web_search' as const }] }, { status: 400, code: 'unsupported_parameter', param: 'tools[0].web_search' }],
    [{ previous_response_id: 'resp_nobody' }, { status: 400, code: 'previous_response_not_found', param: 'previous_response_id' }],
    [{ input: [{ type: 'item_reference' as const, id: 'msg_nobody' }] }, { status: 400, code: 'invalid_request', param: 'input[0]' }],
  ])('%j is refused as OpenAI refuses it', async (request, error) => {
    await expect(client.responses.create({ model: 'echo', input: 'x', ...request })).rejects.toMatchObject(error);
  });

  test('a stream that its provider cuts throws', async () => {
    const behave = { sandbox: { tokens: 20, fail: { kind: 'close', after_tokens: 5 } } } as object;
    const cut = client.responses.stream({ model: 'echo', input: 'x', ...behave });
    await expect(cut.finalResponse()).rejects.toMatchObject({ code: 'upstream_truncated' });
  });
});

describe('a conversation that the gateway keeps', () => {
  const words = (response: OpenAI.Responses.Response): string => response.output_text;

  test('goes on from a response by its id, whichever way the first came', async () => {
    mock.onMessage('first', { content: 'One.' });
    mock.on({ userMessage: 'second', predicate: (request) => JSON.stringify(request.messages).includes('One.') }, { content: 'Two.' });
    mock.on({ userMessage: 'third', predicate: (request) => JSON.stringify(request.messages).includes('Two.') }, { content: 'Three.' });
    const first = await client.responses.stream({ model: 'anthropic', input: 'first' }).finalResponse();
    const second = await client.responses.create({ model: 'anthropic', input: 'second', previous_response_id: first.id });
    expect(words(second)).toBe('Two.');
    expect(second.previous_response_id).toBe(first.id);
    const third = await client.responses.stream({ model: 'anthropic', input: 'third', previous_response_id: second.id }).finalResponse();
    expect(words(third)).toBe('Three.');
    expect(lastBody()).toMatchObject({ messages: [{}, {}, {}, {}, {}] });
  });

  test('carries a tool loop in which only outputs are sent back', async () => {
    mock.onToolResult('call_a', { content: 'Rain in Oslo.' });
    mock.onMessage('weather', { toolCalls: [{ id: 'call_a', name: 'get_weather', arguments: '{"city":"Oslo"}' }] });
    const asked = await client.responses.create({ model: 'anthropic', input: 'weather', tools: [TOOL] });
    const [call] = asked.output;
    expect(call).toMatchObject({ type: 'function_call', call_id: 'call_a', arguments: '{"city":"Oslo"}' });
    const output = [{ type: 'function_call_output' as const, call_id: 'call_a', output: 'rain' }];
    const answered = await client.responses.create({ model: 'anthropic', input: output, tools: [TOOL], previous_response_id: asked.id });
    expect(words(answered)).toBe('Rain in Oslo.');
  });

  test('resolves references to items', async () => {
    const first = await client.responses.create({ model: 'echo', input: 'Hello there' });
    const input = [
      { type: 'item_reference' as const, id: first.output[0]?.id ?? '' },
      { role: 'user' as const, content: 'again' },
    ];
    const second = await client.responses.create({ model: 'echo', input });
    expect(words(second)).toBe('You said: again');
    const items = await client.responses.inputItems.list(second.id, { order: 'asc' });
    expect(items.data).toMatchObject([{ role: 'assistant', content: [{ text: 'You said: Hello there' }] }, { role: 'user' }]);
  });

  test('is fetched, listed and deleted by its id', async () => {
    const first = await client.responses.create({ model: 'echo', input: 'one' });
    const second = await client.responses.create({ model: 'echo', input: 'two', previous_response_id: first.id });
    expect(await client.responses.retrieve(second.id)).toMatchObject({ id: second.id, output: second.output });
    const { data } = await client.responses.inputItems.list(second.id, { order: 'asc' });
    expect(data).toMatchObject([{ role: 'user' }, { role: 'assistant' }, { role: 'user', content: [{ type: 'input_text', text: 'two' }] }]);
    await client.responses.delete(second.id);
    await expect(client.responses.retrieve(second.id)).rejects.toMatchObject({ status: 404 });
    await expect(client.responses.delete(second.id)).rejects.toMatchObject({ status: 404 });
    await expect(client.responses.create({ model: 'echo', input: 'x', previous_response_id: second.id })).rejects.toMatchObject({
      status: 400,
    });
  });

  test('is nobody else’s (P8)', async () => {
    const own = await client.responses.create({ model: 'echo', input: 'secret' });
    await expect(stranger.responses.retrieve(own.id)).rejects.toMatchObject({ status: 404 });
    await expect(stranger.responses.inputItems.list(own.id)).rejects.toMatchObject({ status: 404 });
    await expect(stranger.responses.delete(own.id)).rejects.toMatchObject({ status: 404 });
    await expect(stranger.responses.create({ model: 'echo', input: 'x', previous_response_id: own.id })).rejects.toMatchObject({
      status: 400,
      code: 'previous_response_not_found',
    });
    const input = [{ type: 'item_reference' as const, id: own.output[0]?.id ?? '' }];
    await expect(stranger.responses.create({ model: 'echo', input })).rejects.toMatchObject({ status: 400 });
    expect((await client.responses.retrieve(own.id)).id).toBe(own.id);
  });

  test('is not kept with store: false', async () => {
    const unkept = await client.responses.create({ model: 'echo', input: 'x', store: false });
    await expect(client.responses.retrieve(unkept.id)).rejects.toMatchObject({ status: 404 });
  });

  test('keeps a conversation too large for one message', async () => {
    const long = 'word '.repeat(300_000);
    const first = await client.responses.create({
      model: 'echo',
      input: [
        { role: 'user', content: long },
        { role: 'user', content: 'one' },
      ],
    });
    const second = await client.responses.create({ model: 'echo', input: 'two', previous_response_id: first.id });
    expect(words(second)).toBe('You said: two');
    expect(second.usage?.input_tokens).toBeGreaterThan(250_000);
  });
});

describe('in front of a provider of the same format', () => {
  test.each([false, true])('the provider’s answer is the client’s (stream: %s)', async (stream) => {
    mock.onMessage('hello', { content: 'Hi there, friend!', reasoning: 'A greeting.', usage: { input_tokens: 1_000, output_tokens: 50 } });
    const request = { model: 'native', input: 'hello', reasoning: { effort: 'low' as const }, tools: [{ type: 'web_search' as const }] };
    const response = stream ? await client.responses.stream(request).finalResponse() : await client.responses.create(request);
    expect(response).toMatchObject({ output_text: 'Hi there, friend!', usage: { input_tokens: 1_000, output_tokens: 50 } });
    expect(response.id).not.toContain('job');
    expect(lastPath()).toBe('/v1/responses');
  });

  test('it is sent the id to go on from, and nothing of what it keeps', async () => {
    mock.onMessage('first', { content: 'One.' });
    mock.onMessage('second', { content: 'Two.' });
    const first = await client.responses.create({ model: 'mixed', input: 'first' });
    const home = lastPath();
    for (let turn = 0; turn < 5; turn += 1) {
      const second = await client.responses.create({ model: 'mixed', input: 'second', previous_response_id: first.id });
      expect(second.output_text).toBe('Two.');
      if (home === '/v1/responses') expect(lastPath()).toBe(home);
    }
    const native = await client.responses.create({ model: 'native', input: 'first' });
    await client.responses.create({ model: 'native', input: 'second', previous_response_id: native.id });
    expect(JSON.stringify(lastBody())).not.toContain('One.');
    await expect(stranger.responses.create({ model: 'native', input: 'x', previous_response_id: native.id })).rejects.toMatchObject({
      code: 'previous_response_not_found',
    });
  });

  test('the conversation goes on with another provider, whole', async () => {
    mock.onMessage('first', { content: 'One.' });
    mock.on({ userMessage: 'second', predicate: (request) => JSON.stringify(request.messages).includes('One.') }, { content: 'Two.' });
    const first = await client.responses.create({ model: 'native', input: 'first' });
    const second = await client.responses.create({ model: 'anthropic', input: 'second', previous_response_id: first.id });
    expect(second.output_text).toBe('Two.');
    expect(lastPath()).toBe('/v1/messages');
    mock.on({ userMessage: 'third', predicate: (request) => JSON.stringify(request.messages).includes('Two.') }, { content: 'Three.' });
    const third = await client.responses.create({ model: 'native', input: 'third', previous_response_id: second.id });
    expect(third.output_text).toBe('Three.');
    expect(lastPath()).toBe('/v1/responses');
  });

  test('a chat client gets its answers too', async () => {
    mock.onMessage('hello', { content: 'Hi!', reasoning: 'A greeting.' });
    const answer = await client.chat.completions.create({ model: 'native', messages: [{ role: 'user', content: 'hello' }] });
    expect(answer.choices[0]).toMatchObject({ message: { content: 'Hi!' }, finish_reason: 'stop' });
    const final = await client.chat.completions
      .stream({ model: 'native', messages: [{ role: 'user', content: 'hello' }] })
      .finalChatCompletion();
    expect(final.choices[0]?.message.content).toBe('Hi!');
    expect(lastPath()).toBe('/v1/responses');
  });

  test.each([
    [429, OpenAI.RateLimitError],
    [400, OpenAI.BadRequestError],
    [500, OpenAI.InternalServerError],
  ] as const)('its error %i has the SDK’s class and the provider’s words', async (status, errorClass) => {
    mock.nextRequestError(status, { message: 'the provider’s own words', type: 'some_error' });
    const failing = client.responses.create({ model: 'native', input: 'x' });
    await expect(failing).rejects.toBeInstanceOf(errorClass);
    await expect(failing).rejects.toThrow('the provider’s own words');
  });

  test('a stream that it cuts throws', async () => {
    mock.onMessage('cut stream', { content: 'word '.repeat(50) }, { chunkSize: 5, latency: 20, truncateAfterChunks: 12 });
    const stream = client.responses.stream({ model: 'native', input: 'cut stream' });
    await expect(stream.finalResponse()).rejects.toMatchObject({ code: 'upstream_truncated' });
  });
});
