import { describe, expect, it, test } from 'vitest';
import type { Exchange, ExchangeInput, ProviderDialect } from '../../exchange.ts';
import { openExchange } from '../../open-exchange.ts';
import { bytesOf, jsonInput, parsed } from '../test-input.ts';
import { toBase64 } from './encode-answer.ts';

const open = (provider: ProviderDialect, body: unknown, change: Partial<ExchangeInput> = {}): Exchange =>
  openExchange(jsonInput('openai-embeddings', provider, body, change));

interface Answer {
  readonly data: readonly { readonly index: number; readonly embedding: unknown }[];
  readonly usage: unknown;
  readonly model: string;
}

const answerOf = (exchange: Exchange, answer: unknown, headers = {}) => {
  const decoded = exchange.decodeAnswer(bytesOf(answer), headers);
  return { answer: parsed(decoded.body) as Answer, usage: decoded.usage };
};

describe('embeddings at a host of the same format', () => {
  const ANSWER =
    '{"object":"list","data":[{"object":"embedding","index":0,"embedding":[0.5,-1]}],"model":"m","usage":{"prompt_tokens":4,"total_tokens":4},"extra":1}';

  it('pass as bytes but for the model and fields of the gateway', () => {
    const exchange = open(
      'openai-chat',
      '{"model":"group", "input":["a", "b"],"truncate": "END","tags":["x"],"metadata":{"a":1},"big":12345678901234567890}',
      {
        defaultParams: { dimensions: 8 },
      },
    );
    expect(exchange.path).toBe('/embeddings');
    expect(Buffer.from(exchange.body).toString()).toBe(
      '{"model":"upstream-model", "input":["a", "b"],"truncate": "END","big":12345678901234567890,"dimensions":8}',
    );
    const decoded = exchange.decodeAnswer(bytesOf(ANSWER));
    expect(Buffer.from(decoded.body).toString()).toBe(ANSWER);
    expect(decoded.usage).toMatchObject({ inputTokens: 4, outputTokens: 0, estimated: false });
  });

  it('are encoded as base64 where the client asked for it and the host gave numbers', () => {
    const { answer } = answerOf(open('openai-chat', { model: 'm', input: 'a', encoding_format: 'base64' }), JSON.parse(ANSWER));
    expect(answer.data[0]?.embedding).toBe(toBase64([0.5, -1]));
    expect(new Float32Array(Uint8Array.from(Buffer.from(toBase64([0.5, -1]), 'base64')).buffer)).toEqual(new Float32Array([0.5, -1]));
  });

  it('are asked for without a format the host does not take, and encoded all the same', () => {
    const exchange = open(
      'openai-chat',
      { model: 'm', input: 'a', encoding_format: 'base64' },
      { quirks: { unsupportedParams: ['encoding_format'] } },
    );
    expect(parsed(exchange.body)).toEqual({ model: 'upstream-model', input: 'a' });
    expect(answerOf(exchange, JSON.parse(ANSWER)).answer.data[0]?.embedding).toBe(toBase64([0.5, -1]));
  });

  it('are asked for in the host’s own words', () => {
    const quirks = { operationFields: { 'openai-embeddings': { dimensions: 'output_dimension' } } };
    const exchange = open('openai-chat', { model: 'm', input: 'a', dimensions: 8 }, { quirks });
    expect(parsed(exchange.body)).toEqual({ model: 'upstream-model', input: 'a', output_dimension: 8 });
  });

  it('are metered by an estimate where the host states nothing', () => {
    const { usage } = answerOf(open('openai-chat', { model: 'm', input: 'x'.repeat(40) }), { data: [] });
    expect(usage).toMatchObject({ inputTokens: 10, estimated: true });
  });

  test.each<[string, unknown, string]>([
    ['an error in a 200', { error: { message: 'slow down', type: 'rate_limit_exceeded' } }, 'upstream_rate_limited'],
    ['a web page', '<html>', 'upstream_invalid_response'],
    ['nothing', '', 'upstream_invalid_response'],
    ['an answer without a list', { object: 'list' }, 'upstream_invalid_response'],
  ])('fail on %s', (_what, answer, code) => {
    expect(() => open('openai-chat', { model: 'm', input: 'a' }).decodeAnswer(bytesOf(answer))).toThrow(expect.objectContaining({ code }));
  });

  it('of 2,000 vectors are relayed without being parsed', () => {
    const vector = Array.from({ length: 1_536 }, (_, at) => at / 1_536);
    const data = Array.from({ length: 2_000 }, (_, index) => ({ object: 'embedding', index, embedding: vector }));
    const body = bytesOf({ object: 'list', data, usage: { prompt_tokens: 1, total_tokens: 1 } });
    const exchange = open('openai-chat', { model: 'm', input: 'a' });
    exchange.decodeAnswer(body);
    const startedAt = performance.now();
    expect(exchange.decodeAnswer(body).usage?.inputTokens).toBe(1);
    // 50 MB of numbers, of which only the end is read: 5 ms, where parsing takes 250
    expect(performance.now() - startedAt).toBeLessThan(100);
  });
});

describe('embeddings in another format', () => {
  const VECTORS = [
    [1, 0],
    [0, 1],
  ];

  test.each<[string, ProviderDialect, Partial<ExchangeInput>, string, unknown, unknown, number, object]>([
    [
      'Cohere',
      'cohere-chat',
      {},
      '/v2/embed',
      { model: 'upstream-model', texts: ['a', 'b'], input_type: 'search_document', embedding_types: ['float'], output_dimension: 2 },
      { id: 'x', embeddings: { float: VECTORS }, meta: { billed_units: { input_tokens: 5 } } },
      5,
      {},
    ],
    [
      'Ollama',
      'ollama-chat',
      {},
      '/api/embed',
      { model: 'upstream-model', input: ['a', 'b'], dimensions: 2 },
      { embeddings: VECTORS, prompt_eval_count: 6 },
      6,
      {},
    ],
    [
      'Gemini',
      'gemini-generate',
      {},
      '/v1beta/models/upstream-model:batchEmbedContents',
      {
        requests: ['a', 'b'].map((text) => ({ model: 'models/upstream-model', content: { parts: [{ text }] }, outputDimensionality: 2 })),
      },
      { embeddings: VECTORS.map((values) => ({ values })), usageMetadata: { promptTokenCount: 7 } },
      7,
      {},
    ],
    [
      'Vertex',
      'gemini-generate',
      { quirks: { embedsByPredict: true } },
      '/v1beta/models/upstream-model:predict',
      { instances: [{ content: 'a' }, { content: 'b' }], parameters: { outputDimensionality: 2 } },
      { predictions: VECTORS.map((values) => ({ embeddings: { values, statistics: { token_count: 4 } } })) },
      8,
      {},
    ],
    [
      'Cohere on Bedrock',
      'bedrock-converse',
      { upstreamModel: 'cohere.embed-v4:0' },
      '/model/cohere.embed-v4%3A0/invoke',
      { texts: ['a', 'b'], input_type: 'search_document', embedding_types: ['float'], output_dimension: 2 },
      { embeddings: { float: VECTORS } },
      9,
      { 'x-amzn-bedrock-input-token-count': '9' },
    ],
  ])('%s', (_what, provider, change, path, body, answer, tokens, headers) => {
    const exchange = open(provider, { model: 'group', input: ['a', 'b'], dimensions: 2, user: 'u1', tags: ['x'] }, change);
    expect(exchange.path).toBe(path);
    expect(parsed(exchange.body)).toEqual(body);
    const decoded = answerOf(exchange, answer, headers);
    expect(decoded.answer).toEqual({
      object: 'list',
      data: VECTORS.map((embedding, index) => ({ object: 'embedding', index, embedding })),
      model: change.upstreamModel ?? 'upstream-model',
      usage: { prompt_tokens: tokens, total_tokens: tokens },
    });
    expect(decoded.usage).toMatchObject({ inputTokens: tokens, estimated: false });
  });

  it('takes one text for Titan, and its token count', () => {
    const change = { upstreamModel: 'amazon.titan-embed-text-v2:0' };
    const exchange = open('bedrock-converse', { model: 'm', input: 'a', dimensions: 256, normalize: true }, change);
    expect(exchange.path).toBe('/model/amazon.titan-embed-text-v2%3A0/invoke');
    expect(parsed(exchange.body)).toEqual({ inputText: 'a', dimensions: 256, normalize: true });
    expect(answerOf(exchange, { embedding: [1], inputTextTokenCount: 3 }).usage).toMatchObject({ inputTokens: 3 });
    expect(() => open('bedrock-converse', { model: 'm', input: ['a', 'b'] }, change)).toThrow(
      expect.objectContaining({ code: 'unsupported_parameter', param: 'input', retry: 'elsewhere' }),
    );
  });

  it('names in Google’s words what the text is for', () => {
    const body = { model: 'm', input: 'a', input_type: 'search_query' };
    expect(parsed(open('gemini-generate', body).body)).toMatchObject({ requests: [{ taskType: 'RETRIEVAL_QUERY' }] });
    expect(parsed(open('gemini-generate', { ...body, input_type: 'FACT_VERIFICATION' }).body)).toMatchObject({
      requests: [{ taskType: 'FACT_VERIFICATION' }],
    });
  });

  it('lets fields travel on that it does not know', () => {
    expect(parsed(open('cohere-chat', { model: 'm', input: 'a', truncate: 'NONE' }).body)).toMatchObject({ truncate: 'NONE' });
    expect(parsed(open('ollama-chat', { model: 'm', input: 'a', keep_alive: '1h' }).body)).toMatchObject({ keep_alive: '1h' });
  });

  it('encodes numbers as base64 when asked to', () => {
    const exchange = open('ollama-chat', { model: 'm', input: 'a', encoding_format: 'base64' });
    expect(answerOf(exchange, { embeddings: [[0.5, -1]] }).answer.data[0]?.embedding).toBe(toBase64([0.5, -1]));
  });

  it('refuses by name what a provider has no place for, or drops it when told to', () => {
    const body = { model: 'm', input: 'a', input_type: 'search_query' };
    expect(() => open('ollama-chat', body)).toThrow(expect.objectContaining({ code: 'unsupported_parameter', param: 'input_type' }));
    const exchange = open('ollama-chat', body, { dropParams: true });
    expect(exchange.dropped).toEqual(['input_type']);
    expect(parsed(exchange.body)).toEqual({ model: 'upstream-model', input: ['a'] });
  });

  it('refuses token numbers, which mean something to their own model alone', () => {
    expect(() => open('cohere-chat', { model: 'm', input: [1, 2] })).toThrow(
      expect.objectContaining({ code: 'unsupported_parameter', param: 'input' }),
    );
  });

  it('fails when vectors are missing or no vectors', () => {
    for (const answer of [{ embeddings: [] }, { embeddings: [['x'], [1]] }, {}]) {
      expect(() => open('ollama-chat', { model: 'm', input: ['a', 'b'] }).decodeAnswer(bytesOf(answer))).toThrow(
        expect.objectContaining({ code: 'upstream_invalid_response' }),
      );
    }
  });

  test.each<[ProviderDialect, string]>([
    ['anthropic-messages', 'm'],
    ['bedrock-converse', 'anthropic.claude-3'],
    ['watsonx-chat', 'm'],
  ])('is refused by %s, for another deployment to try', (provider, upstreamModel) => {
    expect(() => open(provider, { model: 'm', input: 'a' }, { upstreamModel })).toThrow(
      expect.objectContaining({ code: 'operation_not_supported', retry: 'elsewhere' }),
    );
  });
});
