import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import OpenAI from 'openai';
import { describe, expect, it } from 'vitest';
import type { Exchange, ExchangeInput } from './exchange.ts';
import { openExchange } from './open-exchange.ts';

const fixture = (name: string): string => readFileSync(new URL(`anthropic-messages/${name}`, import.meta.url), 'utf8');
const STREAM = fixture('stream-thinking-tools.sse');
const EVENTS = STREAM.split(/(?<=\n\n)/);

function open(request: object, changes: Partial<ExchangeInput> = {}): Exchange {
  return openExchange({
    clientDialect: 'openai-chat',
    providerDialect: 'anthropic-messages',
    stream: true,
    body: Buffer.from(JSON.stringify({ model: 'group', messages: [{ role: 'user', content: 'hi' }], ...request })),
    upstreamModel: 'claude-sonnet-4-5',
    defaultParams: {},
    dropParams: false,
    quirks: {},
    clientHeaders: { 'anthropic-beta': 'x-1', authorization: 'never' },
    createdAt: 1_790_000_000,
    answerId: '1',
    ...changes,
  });
}

function run(exchange: Exchange, chunks: readonly (string | Uint8Array)[]) {
  const decoder = exchange.openStream();
  const steps = [...chunks.map((chunk) => decoder.push(Buffer.from(chunk))), decoder.end()];
  return {
    text: Buffer.concat(steps.map((step) => step.bytes ?? new Uint8Array(0))).toString(),
    error: steps.find((step) => step.error !== undefined)?.error?.code,
    done: steps.some((step) => step.done),
    decoder,
  };
}

function sdk(body: string | Uint8Array, contentType: string): OpenAI {
  const answer = (): Promise<Response> => Promise.resolve(new Response(Buffer.from(body), { headers: { 'content-type': contentType } }));
  return new OpenAI({ apiKey: 'sk-test', baseURL: 'http://127.0.0.1:1/v1', maxRetries: 0, fetch: answer });
}

const USAGE = { inputTokens: 1_112, cacheReadTokens: 1_000, cacheWriteTokens: 60, cacheWrite1hTokens: 40, outputTokens: 89 };

describe('an Anthropic answer for a chat client', () => {
  it('in one piece has text, reasoning, calls and usage as the openai SDK reads them', async () => {
    const decoded = open({}, { stream: false }).decodeAnswer(Buffer.from(fixture('answer-thinking-tools.json')));
    expect(decoded).toMatchObject({ finishReason: 'tool_calls', usage: { ...USAGE, reasoningTokens: 20 } });
    const completion = await sdk(decoded.body, 'application/json').chat.completions.create({ model: 'm', messages: [] });
    expect(completion).toMatchObject({
      id: 'chatcmpl-1',
      object: 'chat.completion',
      created: 1_790_000_000,
      model: 'claude-sonnet-4-5-20250929',
    });
    expect(completion.choices[0]).toMatchObject({
      finish_reason: 'tool_calls',
      message: {
        content: 'I look both up: Zürich und Genève.',
        reasoning_content: 'Two cities, two calls.',
        thinking_blocks: [
          { type: 'thinking', thinking: 'Two cities, two calls.', signature: 'c2lnbmF0dXJl' },
          { type: 'redacted_thinking', data: 'ZW5jcnlwdGVk' },
        ],
        tool_calls: [
          { id: 'toolu_01A', function: { name: 'get_weather', arguments: '{"city":"Zürich","station":12345678901234567890}' } },
          { id: 'toolu_01B', function: { name: 'list_stations', arguments: '{}' } },
        ],
      },
    });
    expect(completion.usage).toMatchObject({
      prompt_tokens: 1_112,
      completion_tokens: 89,
      total_tokens: 1_201,
      prompt_tokens_details: { cached_tokens: 1_000 },
      cache_creation_input_tokens: 100,
      cache_read_input_tokens: 1_000,
    });
  });

  it('streamed says the same, chunk by chunk', async () => {
    const { text, error, done, decoder } = run(open({ stream_options: { include_usage: true } }), [STREAM]);
    expect({ error, done }).toEqual({ error: undefined, done: true });
    expect(decoder).toMatchObject({ finishReason: 'tool_calls', usage: USAGE });
    expect(decoder.producedText).toContain('Two cities, two calls.I look both up: Zürich und Genève.get_weather{"city"');
    const runner = sdk(text, 'text/event-stream').chat.completions.stream({ model: 'm', messages: [] });
    let reasoning = '';
    const blocks: unknown[] = [];
    for await (const chunk of runner) {
      const delta = (chunk.choices[0]?.delta ?? {}) as { reasoning_content?: string; thinking_blocks?: unknown[] };
      reasoning += delta.reasoning_content ?? '';
      blocks.push(...(delta.thinking_blocks ?? []));
    }
    const completion = await runner.finalChatCompletion();
    expect(reasoning).toBe('Two cities, two calls.');
    expect(blocks).toEqual([{ type: 'thinking', thinking: 'Two cities, two calls.', signature: 'c2lnbmF0dXJl' }]);
    expect(completion.choices[0]?.message.content).toBe('I look both up: Zürich und Genève.');
    expect(completion.choices[0]?.message.tool_calls).toMatchObject([
      {
        id: 'toolu_01A',
        type: 'function',
        function: { name: 'get_weather', arguments: '{"city": "Zürich", "station": 12345678901234567890}' },
      },
      { id: 'toolu_01B', type: 'function', function: { name: 'list_stations', arguments: '{}' } },
    ]);
    expect(completion.usage).toMatchObject({ prompt_tokens: 1_112, completion_tokens: 89 });
  });

  it('shows the usage chunk to a client that asked for it only', () => {
    expect(run(open({}), [STREAM]).text).not.toContain('"usage"');
    expect(run(open({ stream_options: { include_usage: true } }), [STREAM]).text.match(/"usage"/g)).toHaveLength(1);
  });

  it('streamed is the same wherever it is cut, with any line ends', () => {
    const whole = run(open({}), [STREAM]).text;
    for (const lineEnd of ['\n', '\r\n']) {
      const bytes = Buffer.from(STREAM.replaceAll('\n', lineEnd));
      for (let cut = 1; cut < bytes.length; cut += 1) expect(run(open({}), [bytes.subarray(0, cut), bytes.subarray(cut)]).text).toBe(whole);
    }
    const bytes = Buffer.from(STREAM);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), (size) => {
        const chunks: Uint8Array[] = [];
        for (let at = 0; at < bytes.length; at += size) chunks.push(bytes.subarray(at, at + size));
        expect(run(open({}), chunks).text).toBe(whole);
      }),
    );
  });

  it('that closes before message_stop is an error, never an end (P2)', () => {
    for (let count = 0; count < EVENTS.length - 1; count += 1) {
      expect(run(open({}), EVENTS.slice(0, count))).toMatchObject({ error: 'upstream_truncated', done: false });
      expect(run(open({}), EVENTS.slice(0, count)).text).not.toContain('[DONE]');
    }
    expect(run(open({}), [STREAM.trimEnd()])).toMatchObject({ error: undefined, done: true });
  });

  it('that fails half way gives what came before and the error', () => {
    const overloaded = 'event: error\ndata: {"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}\n\n';
    const before = EVENTS.slice(0, 4);
    expect(run(open({}), [...before, overloaded, STREAM])).toMatchObject({
      error: 'upstream_overloaded',
      done: false,
      text: run(open({}), before).text,
    });
  });

  it.each([
    ['data that is not JSON', ['data: {"type":\n\n'], 'upstream_invalid_response'],
    ['an HTML page', ['<html>\n\n'], 'upstream_invalid_response'],
    ['a JSON error in place of a stream', ['{"type":"error","error":{"type":"overloaded_error","message":"x"}}'], 'upstream_overloaded'],
    ['a delta before its start', [`${EVENTS[3]}`], 'upstream_invalid_response'],
    ['a delta without its block', [`${EVENTS[0]}`, `${EVENTS[3]}`], 'upstream_invalid_response'],
  ])('fails on %s', (_name, chunks, code) => {
    expect(run(open({}), chunks)).toMatchObject({ error: code, done: false });
  });

  it('says that content begins with the first reasoning, not with the role', () => {
    const decoder = open({}).openStream();
    expect(EVENTS.slice(0, 3).map((event) => decoder.push(Buffer.from(event)).hasContent)).toEqual([false, false, false]);
    expect(decoder.push(Buffer.from(`${EVENTS[3]}`)).hasContent).toBe(true);
  });

  it.each([
    ['<html></html>', 'upstream_invalid_response'],
    ['[]', 'upstream_invalid_response'],
    ['{"type":"message"}', 'upstream_invalid_response'],
    ['{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}', 'upstream_overloaded'],
  ])('%s in a 200 is an error', (body, code) => {
    expect(() => open({}).decodeAnswer(Buffer.from(body))).toThrow(expect.objectContaining({ code }));
  });
});

describe('the exchange itself', () => {
  it('names path and headers of the provider and passes on only what is meant for it', () => {
    const exchange = open({});
    expect(exchange.path).toBe('/v1/messages');
    expect(exchange.headers).toEqual({ 'content-type': 'application/json', 'anthropic-version': '2023-06-01', 'anthropic-beta': 'x-1' });
    expect(open({}, { providerDialect: 'openai-chat' })).toMatchObject({
      path: '/chat/completions',
      headers: { 'content-type': 'application/json' },
    });
  });

  it('maps any error answer without throwing', () => {
    for (const providerDialect of ['openai-chat', 'anthropic-messages'] as const) {
      fc.assert(
        fc.property(
          fc.integer({ min: 100, max: 599 }),
          fc.oneof(
            fc.uint8Array(),
            fc.json().map((json) => Buffer.from(json)),
          ),
          (status, body) => {
            expect(open({}, { providerDialect }).decodeError(status, {}, body).status).toBeGreaterThanOrEqual(400);
          },
        ),
      );
    }
  });
});

describe('what is dropped', () => {
  it('is named as the client names it, whoever found that it could not be taken', () => {
    const request = { logit_bias: { 1: 2 }, seed: 1, top_p: 0.5, service_tier: 'flex', drop_params: true };
    const { dropped } = open(request, { quirks: { unsupportedParams: ['top_p'] } });
    expect(dropped).toEqual(expect.arrayContaining(['logit_bias', 'seed', 'top_p']));
    expect(open({}).dropped).toEqual([]);
  });

  it('is refused by name without drop_params', () => {
    for (const [field, value] of Object.entries({ logit_bias: { 1: 2 }, seed: 1, frequency_penalty: 1 })) {
      expect(() => open({ [field]: value })).toThrow(expect.objectContaining({ code: 'unsupported_parameter', param: field }));
    }
  });
});
