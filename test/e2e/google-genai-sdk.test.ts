import { LLMock } from '@copilotkit/aimock';
import {
  ApiError,
  type Content,
  FinishReason,
  FunctionCallingConfigMode,
  type GenerateContentParameters,
  GoogleGenAI,
} from '@google/genai';
import OpenAI from 'openai';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type RunningHeadrace, startHeadrace, waitFor } from '#testing';
import { createKey, ledgerRows } from '../support/books.ts';
import { type CaptureProvider, startCaptureProvider } from '../support/capture-provider.ts';

/**
 * The stock Google SDK in front; behind, the sandbox (which speaks OpenAI's format, so that everything is translated) and an
 * independent simulator of Gemini (so that bytes are relayed). Then an OpenAI client in front of that simulator.
 */
let mock: LLMock;
let capture: CaptureProvider;
let headrace: RunningHeadrace;
let key: string;
let client: GoogleGenAI;

beforeAll(async () => {
  mock = new LLMock({ port: 0 });
  await mock.start();
  capture = await startCaptureProvider(({ path }) =>
    path.endsWith(':countTokens')
      ? '{"totalTokens":321}'
      : '{"candidates":[{"content":{"role":"model","parts":[{"text":"ok"}]},"finishReason":"STOP"}],"modelVersion":"x"}',
  );
  headrace = await startHeadrace({
    config: `
model_list:
  - model_name: "sandbox/*"
    litellm_params: { model: "sandbox/*" }
  - model_name: flash
    litellm_params: { model: gemini/gemini-2.5-flash, api_base: "${mock.url}", api_key: AIza-provider }
  - model_name: captured
    litellm_params: { model: gemini/gemini-3-flash-preview, api_base: "${capture.url}", api_key: AIza-provider }
router_settings: { num_retries: 0 }
`,
  });
  key = await createKey(headrace);
  client = new GoogleGenAI({ apiKey: key, httpOptions: { baseUrl: headrace.url } });
});
afterAll(async () => {
  await headrace.stop();
  await mock.stop();
  capture.close();
});
beforeEach(() => {
  mock.reset();
});

/** The sandbox takes instructions as a body field that the SDK does not know: it must travel on. */
const behave = (sandbox: object) => ({ httpOptions: { extraBody: { sandbox } } });
const ask = (
  model: string,
  contents: GenerateContentParameters['contents'] = 'Hello there',
  config: GenerateContentParameters['config'] = {},
) => client.models.generateContent({ model, contents, config });
const PARAMETERS = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };
const TOOLS = [{ functionDeclarations: [{ name: 'get_weather', description: 'The weather of a city', parametersJsonSchema: PARAMETERS }] }];
const TWO_CALLS = [
  { id: 'call_a', name: 'get_weather', arguments: '{"city":"Oslo"}' },
  { id: 'call_b', name: 'get_weather', arguments: '{"city":"Rome"}' },
];

async function thrown(request: Promise<unknown>): Promise<ApiError> {
  const error = await request.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof ApiError) return error;
  throw new Error('no ApiError was thrown', { cause: error });
}

async function collect(model: string, contents: GenerateContentParameters['contents'], config: GenerateContentParameters['config'] = {}) {
  const parts: Content['parts'] = [];
  let last;
  for await (const chunk of await client.models.generateContentStream({ model, contents, config })) {
    parts.push(...(chunk.candidates?.[0]?.content?.parts ?? []));
    last = chunk;
  }
  return { parts, last, text: parts.map((part) => (part.thought ? '' : (part.text ?? ''))).join('') };
}

function rawStream(path: string, headers: Record<string, string> = {}): Promise<Response> {
  const body = JSON.stringify({ contents: [{ parts: [{ text: 'Hello there' }] }] });
  return fetch(headrace.url + path, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body });
}

describe('against a provider of OpenAI’s format', () => {
  test('generateContent answers with text, its finish reason and usage', async () => {
    const answer = await ask('sandbox/echo', 'Hello there', { systemInstruction: 'Be kind.', temperature: 0.5 });
    expect(answer.text).toBe('You said: Hello there');
    expect(answer.candidates?.[0]?.finishReason).toBe(FinishReason.STOP);
    expect(answer.usageMetadata).toMatchObject({ candidatesTokenCount: 5, totalTokenCount: expect.any(Number) as number });
    expect(answer.responseId).toMatch(/^job_/);
  });

  test('generateContentStream gives every piece, and usage with the last', async () => {
    const { parts, last, text } = await collect('sandbox/echo', 'Hello there');
    expect(text).toBe('You said: Hello there');
    expect(parts.length).toBeGreaterThan(2);
    expect(last?.candidates?.[0]?.finishReason).toBe(FinishReason.STOP);
    expect(last?.usageMetadata?.candidatesTokenCount).toBe(5);
  });

  test.each([false, true])('parallel calls and their results in the next turn (stream: %s)', async (stream) => {
    const config = { tools: TOOLS, ...behave({ tool_calls: TWO_CALLS }) };
    const content = stream
      ? { role: 'model', parts: (await collect('sandbox/echo', 'weather?', config)).parts }
      : (await ask('sandbox/echo', 'weather?', config)).candidates?.[0]?.content;
    const calls = (content?.parts ?? []).flatMap((part) => part.functionCall ?? []);
    expect(calls).toMatchObject([
      { id: 'call_a', name: 'get_weather', args: { city: 'Oslo' } },
      { id: 'call_b', name: 'get_weather', args: { city: 'Rome' } },
    ]);
    const results = calls.map(({ id = '', name = '' }) => ({ functionResponse: { id, name, response: { output: 'rain' } } }));
    const contents = [
      { role: 'user', parts: [{ text: 'weather?' }] },
      content ?? {},
      { role: 'user', parts: [...results, { text: 'So?' }] },
    ];
    expect((await ask('sandbox/echo', contents, { tools: TOOLS })).text).toContain('So?');
  });

  test('an answer cut by its limit stops by MAX_TOKENS', async () => {
    const answer = await ask('sandbox/echo', 'Hello there', { maxOutputTokens: 2, ...behave({ tokens: 50 }) });
    expect(answer.candidates?.[0]?.finishReason).toBe(FinishReason.MAX_TOKENS);
  });

  test('countTokens is an estimate and costs nothing', async () => {
    const { totalTokens } = await client.models.countTokens({ model: 'sandbox/echo', contents: 'one two three' });
    expect(totalTokens).toBeGreaterThan(2);
    expect(totalTokens).toBeLessThan(20);
  });

  test('what only Google has is refused by its name', async () => {
    const error = await thrown(ask('sandbox/echo', 'hi', { cachedContent: 'cachedContents/1' }));
    expect(error.status).toBe(400);
    expect(error.message).toContain('cachedContent');
  });

  test('a stream is server-sent events with alt=sse, and one JSON array without; the key may stand in the address', async () => {
    const events = await rawStream(`/v1beta/models/sandbox/echo:streamGenerateContent?alt=sse&key=${key}`);
    expect(events.headers.get('content-type')).toContain('text/event-stream');
    expect(await events.text()).toMatch(/^data: \{"candidates"/);
    for (const base of ['/v1beta/models', '/v1/models', '/models', '/v1beta1/projects/p/locations/l/publishers/google/models']) {
      const array = await rawStream(`${base}/sandbox/echo:streamGenerateContent`, { 'x-goog-api-key': key });
      expect(array.headers.get('content-type')).toContain('application/json');
      const chunks = (await array.json()) as { candidates: { content: Content; finishReason?: string }[] }[];
      expect(chunks.map((chunk) => chunk.candidates[0]?.content.parts?.[0]?.text ?? '').join('')).toBe('You said: Hello there');
      expect(chunks.at(-1)?.candidates[0]?.finishReason).toBe('STOP');
    }
  });
});

describe('against Gemini’s own format', () => {
  test.each([false, true])('text, thoughts and usage are relayed (stream: %s)', async (stream) => {
    mock.onMessage('think', {
      content: 'Therefore 4.',
      reasoning: 'Two and two.',
      usage: { promptTokenCount: 1_000, candidatesTokenCount: 50 },
    });
    const config = { thinkingConfig: { includeThoughts: true } };
    const parts = stream
      ? (await collect('flash', 'think', config)).parts
      : ((await ask('flash', 'think', config)).candidates?.[0]?.content?.parts ?? []);
    const said = (isThought: boolean): string =>
      parts.map((part) => ((part.thought ?? false) === isThought ? (part.text ?? '') : '')).join('');
    expect([said(true), said(false)]).toEqual(['Two and two.', 'Therefore 4.']);
  });

  test('calls are relayed, and the next turn with their results', async () => {
    mock.onToolResult('call_b', { content: 'Rain in Oslo, sun in Rome.' });
    mock.onMessage('weather', { toolCalls: TWO_CALLS });
    const config = { tools: TOOLS, toolConfig: { functionCallingConfig: { mode: FunctionCallingConfigMode.AUTO } } };
    const content = (await ask('flash', 'weather', config)).candidates?.[0]?.content ?? {};
    expect(content.parts?.map((part) => part.functionCall?.args)).toEqual([{ city: 'Oslo' }, { city: 'Rome' }]);
  });

  test('unknown fields arrive as they were sent, with the provider’s key and model', async () => {
    const safetySettings = [{ category: 'HARM_CATEGORY_HARASSMENT', threshold: 'BLOCK_LOW_AND_ABOVE' }];
    await ask('captured', 'hi', { httpOptions: { extraBody: { safetySettings, brandNew: { at: 'all' } } } });
    const { headers, path, body } = capture.requests.at(-1) ?? { headers: {}, path: '', body: '{}' };
    expect(path).toBe('/v1/v1beta/models/gemini-3-flash-preview:generateContent');
    expect(headers['x-goog-api-key']).toBe('AIza-provider');
    expect(JSON.stringify(headers)).not.toContain(key);
    expect(JSON.parse(body)).toEqual({
      contents: [{ role: 'user', parts: [{ text: 'hi' }] }],
      generationConfig: {},
      safetySettings,
      brandNew: { at: 'all' },
    });
  });

  test('countTokens is asked of the provider', async () => {
    expect(await client.models.countTokens({ model: 'captured', contents: 'hi' })).toMatchObject({ totalTokens: 321 });
    expect(capture.requests.at(-1)?.path).toContain(':countTokens');
  });

  test('the usage it states is in the ledger', async () => {
    mock.onMessage('usage', { content: 'x', usage: { promptTokenCount: 1_000, candidatesTokenCount: 50 } });
    const answer = await ask('flash', 'usage');
    const jobId = answer.sdkHttpResponse?.headers?.['x-headrace-job-id'] ?? '';
    const row = await waitFor(async () => (await ledgerRows(headrace, jobId))[0], { what: 'the ledger row' });
    expect(row).toMatchObject({ prompt_tokens: 1_000, completion_tokens: 50, custom_llm_provider: 'gemini' });
    expect(row.spend).toBeGreaterThan(0);
  });

  test('a stream that it cuts throws', async () => {
    mock.onMessage('cut stream', { content: 'word '.repeat(50) }, { chunkSize: 5, latency: 20, truncateAfterChunks: 10 });
    const error = await thrown(collect('flash', 'cut stream'));
    expect(error).toMatchObject({ status: 502 });
    expect(error.message).toContain('UPSTREAM_TRUNCATED');
  });

  test.each([
    [429, 'RESOURCE_EXHAUSTED', 429],
    [503, 'UNAVAILABLE', 503],
    [400, 'INVALID_ARGUMENT', 400],
  ])('its error %i comes with the provider’s words', async (status, type, ours) => {
    mock.nextRequestError(status, { message: 'the provider’s own words', type });
    const error = await thrown(ask('flash'));
    expect(error.status).toBe(ours);
    expect(error.message).toContain('the provider’s own words');
    expect(error.message).toContain(type);
  });
});

describe('the gateway’s own refusals', () => {
  test.each([
    [
      'an unknown key',
      () => new GoogleGenAI({ apiKey: 'sk-wrong', httpOptions: { baseUrl: headrace.url } }),
      'flash',
      401,
      'UNAUTHENTICATED',
    ],
    ['an unknown model', () => client, 'nobody', 404, 'NOT_FOUND'],
  ])('%s', async (_name, build, model, status, word) => {
    const error = await thrown(build().models.generateContent({ model, contents: 'hi' }));
    expect(error.status).toBe(status);
    expect(error.message).toContain(word);
  });

  test('an unknown method of a model', async () => {
    const answer = await rawStream('/v1beta/models/flash:predict', { 'x-goog-api-key': key });
    expect(answer.status).toBe(404);
    expect(await answer.json()).toMatchObject({ error: { code: 404, status: 'NOT_FOUND' } });
  });
});

describe('an OpenAI client in front of Gemini', () => {
  const openai = (): OpenAI => new OpenAI({ apiKey: key, baseURL: `${headrace.url}/v1`, maxRetries: 0 });

  test('has text, usage and thoughts', async () => {
    mock.onMessage('think', {
      content: 'Therefore 4.',
      reasoning: 'Two and two.',
      usage: { promptTokenCount: 10, candidatesTokenCount: 5 },
    });
    const messages = [{ role: 'user' as const, content: 'think' }];
    const answer = await openai().chat.completions.create({ model: 'flash', messages, reasoning_effort: 'low' });
    expect(answer).toMatchObject({
      choices: [{ message: { content: 'Therefore 4.', reasoning_content: 'Two and two.' }, finish_reason: 'stop' }],
      usage: { prompt_tokens: 10, completion_tokens: 5 },
    });
    let text = '';
    const stream = await openai().chat.completions.create({ model: 'flash', messages, stream: true });
    for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? '';
    expect(text).toBe('Therefore 4.');
  });

  test('calls tools and gives their results', async () => {
    mock.onMessage('weather', { toolCalls: TWO_CALLS });
    const tools = [{ type: 'function' as const, function: { name: 'get_weather', parameters: PARAMETERS } }];
    const messages: OpenAI.ChatCompletionMessageParam[] = [{ role: 'user', content: 'weather' }];
    const first = await openai().chat.completions.create({ model: 'flash', messages, tools });
    const message = first.choices[0]?.message;
    expect(first.choices[0]?.finish_reason).toBe('tool_calls');
    expect(message?.tool_calls).toMatchObject([
      { id: 'call_a', function: { name: 'get_weather', arguments: '{"city":"Oslo"}' } },
      { id: 'call_b', function: { arguments: '{"city":"Rome"}' } },
    ]);
    mock.reset();
    mock.onToolResult('call_b', { content: 'Rain in Oslo.' });
    mock.onMessage('So?', { content: 'Rain.' });
    const results = (message?.tool_calls ?? []).map(({ id }) => ({ role: 'tool' as const, tool_call_id: id, content: 'rain' }));
    const next = [...messages, ...(message ? [message] : []), ...results, { role: 'user' as const, content: 'So?' }];
    const second = await openai().chat.completions.create({ model: 'flash', messages: next, tools });
    expect(second.choices[0]?.message.content).toMatch(/Rain/);
  });
});
