import { describe, expect, test } from 'vitest';
import { type ChatDialect, createSentLog, NO_USAGE, type SentAnswer, type TokenUsage } from '#contracts';
import type { ConversationEvent } from '../conversation/stream-event.ts';
import type { Exchange, ExchangeInput, ProviderDialect } from '../exchange.ts';
import { openExchange } from '../open-exchange.ts';
import { CLIENTS, PROVIDERS } from '../registry.ts';
import { parseEvent } from '../sse/parse-event.ts';
import { createEventSplitter } from '../sse/split-events.ts';

const TEXT =
  'The quick brown fox – „schnell“ 👋 – jumps over the lazy dog, lies down beside it and sleeps until morning.\n\n- one\n- two\n';
const PIECES = TEXT.match(/\s?\S{1,6}|\s+/gu) ?? [];
const BODIES: Readonly<Record<ChatDialect, object>> = {
  'openai-chat': {
    model: 'm',
    max_tokens: 100,
    seed_: 1,
    stream_options: { include_usage: true },
    messages: [{ role: 'user', content: 'hi' }],
  },
  'openai-responses': { model: 'm', max_output_tokens: 100, input: 'hi' },
  'openai-completions': { model: 'm', max_tokens: 100, stream_options: { include_usage: true }, prompt: 'hi' },
  'anthropic-messages': { model: 'm', max_tokens: 100, messages: [{ role: 'user', content: 'hi' }] },
  'gemini-generate': { generationConfig: { maxOutputTokens: 100 }, contents: [{ role: 'user', parts: [{ text: 'hi' }] }] },
};
const usage = (inputTokens: number, outputTokens: number): TokenUsage => ({ ...NO_USAGE, inputTokens, outputTokens });

function input(clientDialect: ChatDialect, providerDialect: ProviderDialect, change: Partial<ExchangeInput> = {}): ExchangeInput {
  return {
    clientDialect,
    providerDialect,
    stream: true,
    body: Buffer.from(JSON.stringify({ ...BODIES[clientDialect], stream: true })),
    upstreamModel: 'm',
    defaultParams: {},
    dropParams: false,
    quirks: {},
    clientHeaders: {},
    createdAt: 1,
    answerId: 'job1',
    continuation: {},
    ...change,
  };
}

/** A provider's stream of these texts, one chunk an event. */
function providerChunks(dialect: ProviderDialect, texts: readonly string[], stated: TokenUsage): string[] {
  const encode = CLIENTS[dialect as ChatDialect]!.createStreamEncoder({ answerId: 'p', createdAt: 9, includeUsage: true });
  const events: ConversationEvent[] = [
    { type: 'start', model: 'provider-model' },
    ...texts.map((text) => ({ type: 'text', text }) as const),
    { type: 'usage', usage: stated },
    { type: 'finish', reason: 'stop' },
  ];
  return events.map(encode).filter((chunk) => chunk !== '');
}

/** Feeds the chunks until the cut; what the client gets, and what is left for the next attempt. */
function run(exchange: Exchange, chunks: readonly string[]): { bytes: string; log: ReturnType<typeof createSentLog> } {
  const decoder = exchange.openStream();
  const log = createSentLog();
  let bytes = '';
  for (const chunk of chunks) {
    const step = decoder.push(Buffer.from(chunk));
    if (step.shown) log.add(step.shown);
    bytes += Buffer.from(step.bytes ?? []).toString();
  }
  return { bytes, log };
}

/** The same to the end of the connection, which is the end of some formats' answers. */
function runWhole(exchange: Exchange, chunks: readonly string[]) {
  const decoder = exchange.openStream();
  const steps = [...chunks.map((chunk) => decoder.push(Buffer.from(chunk))), decoder.end()];
  return { bytes: steps.map(({ bytes }) => Buffer.from(bytes ?? []).toString()).join(''), done: steps.at(-1)?.done };
}

/** The client's stream as the client's own format is read. */
function readAs(dialect: ChatDialect, bytes: string): { text: string; events: ConversationEvent[]; data: Record<string, unknown>[] } {
  const splitter = createEventSplitter();
  const raw = [...splitter.push(Buffer.from(bytes))].map(parseEvent);
  const data = raw.flatMap((event) => (event.data?.startsWith('{') ? [JSON.parse(event.data) as Record<string, unknown>] : []));
  const decode = dialect === 'openai-completions' ? undefined : PROVIDERS[dialect]!.createStreamDecoder();
  const events =
    decode === undefined ? [] : [...raw.flatMap((event) => [...decode(event)]), ...(isFinished(raw) ? [] : (decode.close?.() ?? []))];
  const text =
    decode === undefined
      ? data.map((chunk) => (chunk['choices'] as { text: string }[])[0]?.text ?? '').join('')
      : events.map((event) => (event.type === 'text' ? event.text : '')).join('');
  return { text, events, data };
}

/** The end marker of OpenAI's streams: others end with an event of their own, or with the connection. */
function isFinished(raw: readonly { readonly data: string | undefined }[]): boolean {
  return raw.at(-1)?.data === '[DONE]';
}

const CLIENT_DIALECTS = Object.keys(BODIES) as ChatDialect[];
const PROVIDER_DIALECTS = ['openai-chat', 'openai-responses', 'anthropic-messages', 'gemini-generate'] as const;
const PAIRS = CLIENT_DIALECTS.flatMap((client) => PROVIDER_DIALECTS.map((provider) => [client, provider] as const));

const MODELS: Readonly<Record<string, (sent: string) => string>> = {
  'goes on exactly there': (sent) => TEXT.slice(sent.length),
  'starts anew with the whole text': () => TEXT,
  'repeats the last words': (sent) => TEXT.slice([...sent.matchAll(/(?<=^|\s)\S/gu)].at(-6)?.index ?? 0),
};

describe.each(PAIRS)('a %s client of a %s provider, whose stream is cut at every chunk', (client, provider) => {
  test.each(Object.keys(MODELS))('has the whole text once when another model %s', (model) => {
    const second = PROVIDER_DIALECTS[(PROVIDER_DIALECTS.indexOf(provider) + 1) % PROVIDER_DIALECTS.length] ?? provider;
    for (let cut = 1; cut < PIECES.length; cut += 1) {
      const chunks = providerChunks(provider, PIECES.slice(0, cut), usage(3, cut));
      const first = run(openExchange(input(client, provider)), chunks.slice(0, provider === 'gemini-generate' ? cut : -1));
      const sent = first.log.answer(usage(3, cut));
      const sentText = PIECES.slice(0, cut).join('');
      expect(sent?.text.join('')).toBe(sentText);
      const exchange = openExchange(input(client, second, { continuation: { sent } }));
      const rest = runWhole(
        exchange,
        providerChunks(second, (MODELS[model]?.(sentText) ?? '').match(/\s?\S{1,7}|\s+/gu) ?? [], usage(5, 7)),
      );
      const read = readAs(client, first.bytes + rest.bytes);
      expect(rest.done).toBe(true);
      expect(read.text).toBe(TEXT);
    }
  });
});

describe.each(CLIENT_DIALECTS)('the joined stream for a %s client', (client) => {
  const first = run(
    openExchange(input(client, 'openai-chat')),
    providerChunks('openai-chat', PIECES.slice(0, 5), usage(3, 5)).slice(0, -1),
  );
  const sent = first.log.answer(usage(3, 5));
  const exchange = openExchange(input(client, 'anthropic-messages', { continuation: { sent } }));
  const rest = runWhole(exchange, providerChunks('anthropic-messages', PIECES.slice(5), usage(5, 7)));
  const { data, events } = readAs(client, first.bytes + rest.bytes);

  test('begins once, ends once, and states the usage of both attempts', () => {
    if (client === 'openai-completions') return expect(data.at(-1)).toMatchObject({ usage: { prompt_tokens: 8, completion_tokens: 12 } });
    expect(events.filter((event) => event.type === 'start')).toHaveLength(1);
    expect(events.filter((event) => event.type === 'finish')).toHaveLength(1);
    const stated = events.filter((event) => event.type === 'usage').at(-1);
    expect(stated).toMatchObject({ usage: { outputTokens: 12 } });
    expect(stated).toMatchObject({ usage: { inputTokens: 8 } });
  });

  test('keeps its ids, model, indexes and sequence numbers', () => {
    for (const member of ['id', 'model', 'created', 'responseId', 'modelVersion', 'item_id', 'index', 'output_index'] as const) {
      expect(new Set(data.flatMap((chunk) => (member in chunk ? [chunk[member]] : []))).size, member).toBeLessThanOrEqual(1);
    }
    const numbers = data.flatMap((chunk) => ('sequence_number' in chunk ? [chunk['sequence_number']] : []));
    expect(numbers).toEqual(numbers.map((_number, index) => index));
  });

  test('comes from a request that holds the text so far and a smaller limit', () => {
    const body = Buffer.from(exchange.body).toString();
    expect(JSON.parse(body)).toMatchObject({ max_tokens: 95 });
    expect(body).toContain(JSON.stringify(PIECES.slice(0, 5).join('')).slice(1, -1).trimEnd());
  });
});

describe('what is not gone on with', () => {
  const chat = (change: object) =>
    input('openai-chat', 'openai-chat', { body: Buffer.from(JSON.stringify({ ...BODIES['openai-chat'], ...change })) });
  test.each([
    ['JSON mode', { response_format: { type: 'json_object' } }],
    ['a schema', { response_format: { type: 'json_schema', json_schema: { name: 'x', schema: { type: 'object' } } } }],
    ['several choices', { n: 2 }],
    ['log probabilities', { logprobs: true }],
    ['a forced tool', { tools: [{ type: 'function', function: { name: 'f' } }], tool_choice: 'required' }],
  ])('%s: the stream is relayed as it is', (_what, change) => {
    const { log } = run(openExchange(chat(change)), providerChunks('openai-chat', ['a'], usage(1, 1)));
    expect(log.answer(NO_USAGE)).toBeUndefined();
  });

  test('a stream that has begun a tool call', () => {
    const encode = CLIENTS['openai-chat']!.createStreamEncoder({ answerId: 'p', createdAt: 9, includeUsage: true });
    const events: ConversationEvent[] = [
      { type: 'start', model: 'm' },
      { type: 'text', text: 'Let me look.' },
      { type: 'tool-call', index: 0, id: 'c1', name: 'f' },
    ];
    const exchange = openExchange(chat({ tools: [{ type: 'function', function: { name: 'f' } }] }));
    const chunks = events.map(encode);
    expect(run(exchange, chunks.slice(0, 2)).log.answer(NO_USAGE)?.text).toEqual(['Let me look.']);
    expect(run(exchange, chunks).log.answer(NO_USAGE)).toBeUndefined();
  });

  test('a stream that has shown signed reasoning', () => {
    const encode = CLIENTS['anthropic-messages']!.createStreamEncoder({ answerId: 'p', createdAt: 9, includeUsage: true });
    const chunks = [
      encode({ type: 'start', model: 'm' }),
      encode({ type: 'reasoning-block', block: { type: 'signed', text: 'hm', signature: { issuer: 'claude', value: 's' } } }),
      encode({ type: 'text', text: 'So' }),
    ];
    expect(run(openExchange(input('openai-chat', 'anthropic-messages')), chunks).log.answer(NO_USAGE)).toBeUndefined();
  });
});

describe('the text so far', () => {
  const sent: SentAnswer = { v: 1, model: 'm', reasoning: [], text: ['Once upon', ' a time '], spent: usage(1, 5) };
  const turns = (provider: ProviderDialect, upstreamModel: string, quirks = {}) => {
    const { body } = openExchange(input('openai-chat', provider, { continuation: { sent }, upstreamModel, quirks }));
    return JSON.parse(Buffer.from(body).toString()) as { messages: { role: string; content: unknown }[] };
  };

  test('is the beginning of the answer where the model takes one, without its last space', () => {
    const { messages } = turns('anthropic-messages', 'claude-sonnet-4-5');
    expect(messages.at(-1)).toMatchObject({ role: 'assistant', content: [{ type: 'text', text: 'Once upon a time' }] });
    expect(turns('mistral-chat', 'm').messages.at(-1)).toMatchObject({ role: 'assistant', prefix: true });
    const quirks = { prefill: true, prefillFields: { continue_final_message: true } };
    expect(turns('openai-chat', 'm', quirks)).toMatchObject({ continue_final_message: true, messages: [{}, { role: 'assistant' }] });
  });

  test('is a turn that the model is told to go on with elsewhere', () => {
    for (const [provider, model] of [
      ['openai-chat', 'gpt-5'],
      ['anthropic-messages', 'claude-opus-4-6'],
    ] as const) {
      const { messages } = turns(provider, model);
      expect(messages.map(({ role }) => role)).toEqual(['user', 'assistant', 'user']);
      expect(JSON.stringify(messages[1])).toContain('Once upon a time ');
    }
  });

  test('is refused where it can’t be gone on with, instead of being answered anew', () => {
    const refused = input('openai-chat', 'openai-chat', { continuation: { sent }, body: Buffer.from('{"model":"m","n":2,"messages":[]}') });
    expect(() => openExchange(refused)).toThrow('can’t go on');
  });
});
