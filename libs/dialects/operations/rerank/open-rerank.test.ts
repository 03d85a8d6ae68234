import { describe, expect, it, test } from 'vitest';
import type { ExchangeInput, ProviderDialect } from '../../exchange.ts';
import { openExchange } from '../../open-exchange.ts';
import { bytesOf, jsonInput, parsed } from '../test-input.ts';

const REQUEST = { model: 'group', query: 'q', documents: ['zero', { text: 'one', title: 't' }], top_n: 1, return_documents: true };
const open = (provider: ProviderDialect, body: unknown = REQUEST, change: Partial<ExchangeInput> = {}) =>
  openExchange(jsonInput('cohere-rerank', provider, body, change));

describe('rerank at Cohere’s own API', () => {
  it('sends texts and puts the documents back into the answer', () => {
    const exchange = open('cohere-chat', { ...REQUEST, max_tokens_per_doc: 100 });
    expect(exchange.path).toBe('/v2/rerank');
    expect(parsed(exchange.body)).toEqual({
      model: 'upstream-model',
      query: 'q',
      documents: ['zero', 'one'],
      top_n: 1,
      max_tokens_per_doc: 100,
    });
    const answer = {
      id: 'r1',
      results: [
        { index: 1, relevance_score: 0.9 },
        { index: 0, relevance_score: 0.1 },
      ],
      meta: { billed_units: { search_units: 1 } },
    };
    const decoded = exchange.decodeAnswer(bytesOf(answer));
    expect(parsed(decoded.body)).toEqual({
      id: 'r1',
      results: [
        { index: 1, relevance_score: 0.9, document: { text: 'one', title: 't' } },
        { index: 0, relevance_score: 0.1, document: { text: 'zero' } },
      ],
      meta: { billed_units: { search_units: 1 } },
    });
    expect(decoded.usage).toMatchObject({ searchUnits: 1, inputTokens: 0, estimated: false });
  });

  it('sends the fields to rank by as JSON, and no documents back unasked', () => {
    const exchange = open('cohere-chat', { ...REQUEST, return_documents: false, rank_fields: ['title'] });
    expect(parsed(exchange.body)).toMatchObject({ documents: ['zero', '{"title":"t"}'] });
    expect(parsed(exchange.decodeAnswer(bytesOf({ results: [{ index: 0, relevance_score: 1 }] })).body)).toMatchObject({
      results: [{ index: 0, relevance_score: 1 }],
    });
  });

  test.each([[{}], [{ results: [{ index: 7, relevance_score: 1 }] }], [{ results: [{ index: 0 }] }]])('fails on %j', (answer) => {
    expect(() => open('cohere-chat').decodeAnswer(bytesOf(answer))).toThrow(expect.objectContaining({ code: 'upstream_invalid_response' }));
  });
});

describe('rerank on Bedrock', () => {
  test.each([
    ['cohere.rerank-v3-5:0', { query: 'q', documents: ['zero', 'one'], top_n: 1, api_version: 2 }],
    ['amazon.rerank-v1:0', { query: 'q', documents: ['zero', 'one'], top_n: 1 }],
  ])('%s', (upstreamModel, body) => {
    const exchange = open('bedrock-converse', REQUEST, { upstreamModel });
    expect(exchange.path).toBe(`/model/${encodeURIComponent(upstreamModel)}/invoke`);
    expect(parsed(exchange.body)).toEqual(body);
    const decoded = exchange.decodeAnswer(bytesOf({ results: [{ index: 0, relevance_score: 0.5 }] }));
    expect(parsed(decoded.body)).toMatchObject({ id: 'job_1', meta: { billed_units: { search_units: 1 } } });
    expect(decoded.usage).toMatchObject({ searchUnits: 1, estimated: true });
  });
});

describe('rerank at a host of the same words', () => {
  it('passes as bytes, with the usage it states', () => {
    const exchange = open('openai-chat');
    expect(exchange.path).toBe('/rerank');
    expect(parsed(exchange.body)).toEqual({ ...REQUEST, model: 'upstream-model' });
    const answer = '{"model":"jina",  "results":[{"index":0,"relevance_score":0.9}],"usage":{"total_tokens":38}}';
    const decoded = exchange.decodeAnswer(bytesOf(answer));
    expect(Buffer.from(decoded.body).toString()).toBe(answer);
    expect(decoded.usage).toMatchObject({ inputTokens: 38, estimated: false });
  });

  it('reads an answer in Voyage’s words', () => {
    const quirks = { operationFields: { 'cohere-rerank': { top_n: 'top_k' } } };
    const exchange = open('openai-chat', REQUEST, { quirks });
    expect(parsed(exchange.body)).toMatchObject({ top_k: 1 });
    expect(parsed(exchange.body)).not.toHaveProperty('top_n');
    const decoded = exchange.decodeAnswer(
      bytesOf({
        object: 'list',
        data: [{ index: 1, relevance_score: 0.4, document: 'one' }],
        model: 'rerank-2',
        usage: { total_tokens: 26 },
      }),
    );
    expect(parsed(decoded.body)).toMatchObject({
      results: [{ index: 1, relevance_score: 0.4, document: { text: 'one' } }],
      model: 'rerank-2',
    });
  });

  it('is estimated by a hundred documents where nothing is stated', () => {
    const documents = Array.from({ length: 101 }, () => 'x');
    const { usage } = open('openai-chat', { ...REQUEST, documents }).decodeAnswer(bytesOf({ results: [] }));
    expect(usage).toMatchObject({ searchUnits: 2, estimated: true });
  });
});

it('rerank is refused where there is none', () => {
  expect(() => open('anthropic-messages')).toThrow(expect.objectContaining({ code: 'operation_not_supported' }));
  expect(() => open('bedrock-converse')).toThrow(expect.objectContaining({ code: 'operation_not_supported' }));
});
