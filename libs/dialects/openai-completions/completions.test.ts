import { readFileSync } from 'node:fs';
import OpenAI from 'openai';
import { describe, expect, it } from 'vitest';
import type { Exchange, ExchangeInput } from '../exchange.ts';
import { openTranslatedExchange } from '../translate-exchange.ts';
import { anthropicMessagesProvider } from '../anthropic-messages/codec.ts';
import { openaiCompletionsClient } from './codec.ts';
import { openCompletions } from './relay-exchange.ts';
import { validateRequest } from './validate-request.ts';

const STREAM = readFileSync(new URL('../anthropic-messages/stream-thinking-tools.sse', import.meta.url), 'utf8');
const CHUNKS = [
  { id: 'cmpl-x', object: 'text_completion', choices: [{ text: 'Once ', index: 0, logprobs: null, finish_reason: null }] },
  { id: 'cmpl-x', object: 'text_completion', choices: [{ text: 'upon', index: 0, logprobs: null, finish_reason: 'length' }] },
  { id: 'cmpl-x', object: 'text_completion', choices: [], usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 } },
];
const SSE = `${CHUNKS.map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`).join('')}data: [DONE]\n\n`;

function input(fields: object, changes: Partial<ExchangeInput> = {}): ExchangeInput {
  return {
    clientDialect: 'openai-completions',
    providerDialect: 'openai-chat',
    stream: false,
    body: Buffer.from(JSON.stringify({ model: 'group', prompt: 'Once', ...fields })),
    upstreamModel: 'upstream-1',
    defaultParams: {},
    dropParams: false,
    quirks: {},
    clientHeaders: {},
    createdAt: 1_790_000_000,
    answerId: '1',
    ...changes,
  };
}
const toClaude = (fields: object, changes: Partial<ExchangeInput> = {}): Exchange =>
  openTranslatedExchange(
    input(fields, { providerDialect: 'anthropic-messages', ...changes }),
    openaiCompletionsClient,
    anthropicMessagesProvider,
  );
const bodyOf = (exchange: Exchange): unknown => JSON.parse(Buffer.from(exchange.body).toString());

function run(exchange: Exchange, chunks: readonly (string | Uint8Array)[]) {
  const decoder = exchange.openStream();
  const steps = [...chunks.map((chunk) => decoder.push(Buffer.from(chunk))), decoder.end()];
  const text = Buffer.concat(steps.map((step) => step.bytes ?? new Uint8Array(0))).toString();
  return { text, error: steps.find((step) => step.error)?.error?.code, done: steps.some((step) => step.done), decoder };
}

function sdk(body: string | Uint8Array, contentType: string): OpenAI {
  const answer = (): Promise<Response> => Promise.resolve(new Response(Buffer.from(body), { headers: { 'content-type': contentType } }));
  return new OpenAI({ apiKey: 'sk-test', baseURL: 'http://127.0.0.1:1/v1', maxRetries: 0, fetch: answer });
}

describe('a completions request for a provider without completions', () => {
  it('is a chat of one user message with the same parameters', () => {
    const fields = { max_tokens: 5, temperature: 0.5, stop: 'END', user: 'u', echo: false, suffix: null, best_of: 1 };
    expect(bodyOf(openCompletions(input(fields)))).toMatchObject({
      model: 'upstream-1',
      messages: [{ role: 'user', content: 'Once' }],
      max_tokens: 5,
      temperature: 0.5,
      user: 'u',
    });
    expect(openCompletions(input(fields)).path).toBe('/chat/completions');
    expect(bodyOf(toClaude({ prompt: ['Once'], max_tokens: 5 }))).toMatchObject({
      messages: [{ role: 'user', content: [{ text: 'Once' }] }],
    });
  });

  it.each([{ suffix: 'end' }, { echo: true }, { best_of: 2 }, { logprobs: 0 }])(
    'refuses %j by name, or drops it when told to',
    (fields) => {
      const [field] = Object.keys(fields);
      expect(() => toClaude(fields)).toThrow(expect.objectContaining({ code: 'unsupported_parameter', param: field }));
      expect(toClaude(fields, { dropParams: true }).dropped).toEqual([field]);
    },
  );

  it.each([[['a', 'b']], [[1, 2]], [[[1, 2]]]])('refuses the prompt %j', (prompt) => {
    expect(() => toClaude({ prompt }, { dropParams: true })).toThrow(
      expect.objectContaining({ code: 'unsupported_parameter', param: 'prompt' }),
    );
  });

  it('is answered with a text completion, whole or streamed, as the openai SDK reads it', async () => {
    const whole = toClaude({}).decodeAnswer(readFileSync(new URL('../anthropic-messages/answer-thinking-tools.json', import.meta.url)));
    const completion = await sdk(whole.body, 'application/json').completions.create({ model: 'm', prompt: 'x' });
    expect(completion).toMatchObject({
      id: 'cmpl-1',
      object: 'text_completion',
      created: 1_790_000_000,
      choices: [{ text: 'I look both up: Zürich und Genève.', index: 0, logprobs: null, finish_reason: 'stop' }],
      usage: { prompt_tokens: 1_112, completion_tokens: 89 },
    });
    const streamed = run(toClaude({ stream_options: { include_usage: true } }, { stream: true }), [STREAM]);
    expect(streamed).toMatchObject({ error: undefined, done: true });
    let text = '';
    let usage: unknown;
    for await (const chunk of await sdk(streamed.text, 'text/event-stream').completions.create({ model: 'm', prompt: 'x', stream: true })) {
      text += chunk.choices[0]?.text ?? '';
      usage = chunk.usage ?? usage;
    }
    expect({ text, usage }).toMatchObject({ text: 'I look both up: Zürich und Genève.', usage: { prompt_tokens: 1_112 } });
    expect(streamed.text.endsWith('data: [DONE]\n\n')).toBe(true);
  });
});

describe('a completions request for a provider that has them', () => {
  const quirks = { completions: true, maxTokensField: 'max_completion_tokens' } as const;

  it('keeps its bytes, prompts of any kind and fields that only completions have', () => {
    const body = '{"model":"a", "prompt":[[1,2],[3]],"echo" : true,"suffix":"x","max_tokens":5,"new":1}';
    const exchange = openCompletions(input({}, { body: Buffer.from(body), quirks }));
    expect(exchange.path).toBe('/completions');
    expect(Buffer.from(exchange.body).toString()).toBe(body.replace('"a"', '"upstream-1"'));
  });

  it('gets the provider’s stream, complete when every prompt has its finish reason', () => {
    const relayed = run(openCompletions(input({ stream_options: { include_usage: true } }, { quirks, stream: true })), [SSE]);
    expect(relayed).toMatchObject({ text: SSE, error: undefined, done: true });
    expect(relayed.decoder).toMatchObject({
      producedText: 'Once upon',
      usage: { inputTokens: 3, outputTokens: 2 },
      finishReason: 'length',
    });
    const cut = SSE.slice(0, SSE.indexOf('data: {"id":"cmpl-x","object":"text_completion","choices":[{"text":"upon"'));
    expect(run(openCompletions(input({}, { quirks, stream: true })), [cut])).toMatchObject({ error: 'upstream_truncated', done: false });
    const two = openCompletions(input({ prompt: ['a', 'b'] }, { quirks, stream: true }));
    expect(run(two, [SSE.replace('data: [DONE]\n\n', '')])).toMatchObject({ error: 'upstream_truncated' });
  });

  it('says that content begins with the first text', () => {
    const decoder = openCompletions(input({}, { quirks, stream: true })).openStream();
    const chunk = (text: string) => Buffer.from(`data: ${JSON.stringify({ choices: [{ text, index: 0 }] })}\n\n`);
    expect([decoder.push(chunk('')).hasContent, decoder.push(chunk('x')).hasContent]).toEqual([false, true]);
  });
});

describe('a completions request', () => {
  it.each(['x', ['x'], ['x', 'y'], [1, 2], [[1], [2]], ''])('with the prompt %j passes', (prompt) => {
    expect(() => validateRequest({ model: 'm', prompt, max_tokens: 0 })).not.toThrow();
  });

  it.each([
    [{ prompt: undefined }, 'prompt'],
    [{ prompt: [] }, 'prompt'],
    [{ prompt: ['x', 1] }, 'prompt'],
    [{ prompt: [1.5] }, 'prompt'],
    [{ prompt: {} }, 'prompt'],
    [{ model: 5 }, 'model'],
    [{ n: 0 }, 'n'],
    [{ echo: 'yes' }, 'echo'],
    [{ max_tokens: -1 }, 'max_tokens'],
  ])('with %j is refused and the error names the field', (fields, param) => {
    expect(() => validateRequest({ model: 'm', prompt: 'x', ...fields })).toThrow(
      expect.objectContaining({ code: 'invalid_request', param }),
    );
  });
});
