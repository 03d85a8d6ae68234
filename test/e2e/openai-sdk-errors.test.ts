import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RunningHeadrace, startHeadrace, waitFor } from '#testing';
import { createKey, readMeter } from '../support/books.ts';
import { type ScriptedProvider, startScriptedProvider } from '../support/scripted-provider.ts';

/** What the stock `openai` package throws, and when it tries again. */
let headrace: RunningHeadrace;
let client: OpenAI;

beforeAll(async () => {
  headrace = await startHeadrace();
  client = new OpenAI({ baseURL: `${headrace.url}/v1`, apiKey: await createKey(headrace), maxRetries: 0 });
});
afterAll(() => headrace.stop());

const HELLO = [{ role: 'user' as const, content: 'Hello there' }];
/** The sandbox takes instructions as a body field that the SDK does not know. */
const behave = (sandbox: object) => ({ sandbox }) as object;

/** The error that the SDK throws for a request. */
async function thrown(request: Promise<unknown>): Promise<InstanceType<typeof OpenAI.APIError>> {
  const error = await request.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof OpenAI.APIError) return error;
  throw new Error('no APIError was thrown', { cause: error });
}

describe('errors come as the SDK’s own classes', () => {
  const create = (fields: object, options: OpenAI.RequestOptions = {}) =>
    client.chat.completions.create({ model: 'sandbox/echo', messages: HELLO, ...fields } as never, options) as Promise<unknown>;

  test('a wrong key: AuthenticationError', async () => {
    const stranger = client.withOptions({ apiKey: 'sk-not-known-here' });
    const error = await thrown(stranger.chat.completions.create({ model: 'sandbox/echo', messages: HELLO }));
    expect(error).toBeInstanceOf(OpenAI.AuthenticationError);
    expect(error).toMatchObject({ status: 401, type: 'token_not_found_in_db' });
  });

  test.each([
    ['NotFoundError', { model: 'gpt-none' }, { status: 404, code: 'model_not_found', param: 'model' }],
    ['BadRequestError', { temperature: 'hot' }, { status: 400, code: 'invalid_request', param: 'temperature' }],
    ['BadRequestError', { messages: [] }, { status: 400, code: 'invalid_request', param: 'messages' }],
    ['RateLimitError', { model: 'sandbox/error-429' }, { status: 429, code: 'upstream_rate_limited' }],
    ['InternalServerError', { model: 'sandbox/error-500' }, { status: 502, code: 'upstream_error' }],
    ['InternalServerError', { model: 'sandbox/error-503' }, { status: 503, code: 'upstream_overloaded' }],
    ['InternalServerError', { model: 'sandbox/error-401' }, { status: 502, code: 'upstream_auth' }],
  ] as const)('%s for %o', async (name, fields, expected) => {
    const error = await thrown(create(fields, { headers: { 'x-headrace-deadline-ms': '20000' } }));
    expect(error).toBeInstanceOf(OpenAI[name]);
    expect(error).toMatchObject(expected);
    expect(error.requestID).toBeTruthy();
  });

  test('a key without access: PermissionDeniedError', async () => {
    const narrow = client.withOptions({ apiKey: await createKey(headrace, { models: ['sandbox/slow'] }) });
    const error = await thrown(narrow.chat.completions.create({ model: 'sandbox/echo', messages: HELLO }));
    expect(error).toBeInstanceOf(OpenAI.PermissionDeniedError);
  });

  test('the SDK’s own timeout: APIConnectionTimeoutError, and the call at the provider ends', async () => {
    const before = (await readMeter(headrace)).aborted;
    const error = await thrown(create({ model: 'sandbox/slow' }, { timeout: 500 }));
    expect(error).toBeInstanceOf(OpenAI.APIConnectionTimeoutError);
    await waitFor(async () => (await readMeter(headrace)).aborted > before, { what: 'the call to end at the provider' });
  });

  test.each(['reset', 'close', 'error-event', 'no-finish'])(
    'a stream that breaks by %s in the middle throws after its text',
    async (kind) => {
      const stream = await client.chat.completions.create({
        model: 'sandbox/echo',
        messages: HELLO,
        stream: true,
        ...behave({ tokens: 100, tokens_per_second: 500, fail: { kind, after_tokens: 20 } }),
      });
      let chunks = 0;
      const error = await thrown(
        (async () => {
          for await (const chunk of stream) if (chunk.choices[0]?.delta.content) chunks += 1;
        })(),
      );
      expect(chunks).toBe(20);
      expect(error.code).toMatch(/^upstream_/);
    },
  );

  test('.stream() rejects for a stream that breaks in the middle', async () => {
    const runner = client.chat.completions.stream({
      model: 'sandbox/echo',
      messages: HELLO,
      ...behave({ tokens: 100, tokens_per_second: 500, fail: { kind: 'close', after_tokens: 20 } }),
    });
    await expect(runner.finalChatCompletion()).rejects.toThrow(/ended|closed|stream/i);
  });
});

describe('the SDK’s retries', () => {
  let provider: ScriptedProvider;
  let limited: RunningHeadrace;
  let refusals: number;

  beforeAll(async () => {
    provider = await startScriptedProvider((_request, response) => {
      refusals -= 1;
      if (refusals < 0) return void response.setHeader('content-type', 'application/json').end(COMPLETION);
      response.writeHead(429, { 'content-type': 'application/json', 'retry-after': '1' });
      response.end('{"error":{"message":"slow down","type":"rate_limit_error","code":"rate_limit_exceeded"}}');
    });
    limited = await startHeadrace({
      config: `
model_list:
  - model_name: limited
    litellm_params: { model: openai/gpt-x, api_base: "${provider.url}", api_key: sk-provider }
router_settings: { num_retries: 0 }
`,
    });
  });
  afterAll(async () => {
    await limited.stop();
    provider.close();
  });

  const sdk = (maxRetries: number) => new OpenAI({ baseURL: `${limited.url}/v1`, apiKey: limited.masterKey, maxRetries });

  test('the provider’s Retry-After reaches the SDK, which waits for it and then gets its answer', async () => {
    refusals = 1;
    const startedAt = performance.now();
    const answer = await sdk(2).chat.completions.create({ model: 'limited', messages: HELLO });
    expect(answer.choices[0]?.message.content).toBe('at last');
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(950);
  });

  test('without retries left it is a RateLimitError with Retry-After', async () => {
    refusals = 1;
    const error = await thrown(sdk(0).chat.completions.create({ model: 'limited', messages: HELLO }));
    expect(error).toBeInstanceOf(OpenAI.RateLimitError);
    expect(error.headers?.get('retry-after')).toBe('1');
  });
});

const COMPLETION = JSON.stringify({
  id: 'chatcmpl-1',
  object: 'chat.completion',
  created: 1,
  model: 'gpt-x',
  choices: [{ index: 0, message: { role: 'assistant', content: 'at last' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 },
});
