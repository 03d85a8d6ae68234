import { describe, expect, it } from 'vitest';
import type { ContentPart } from '../conversation/content-part.ts';
import type { ExchangeInput } from '../exchange.ts';
import { encodeParts } from './encode-content.ts';
import { openConverse } from './test-exchange.ts';

type Json = Record<string, unknown>;
const USER = { role: 'user', content: 'hi' };
const NOVA = 'us.amazon.nova-2-lite-v1:0';
const LLAMA = 'us.meta.llama3-3-70b-instruct-v1:0';
const MISTRAL = 'mistral.mistral-large-3-675b-instruct';

function encode(request: object, upstreamModel?: string, changes: Partial<ExchangeInput> = {}): Json {
  const exchange = openConverse(request, { ...(upstreamModel === undefined ? {} : { upstreamModel }), ...changes });
  return JSON.parse(Buffer.from(exchange.body).toString()) as Json;
}

const fieldsOf = (request: object, model?: string, changes?: Partial<ExchangeInput>) =>
  encode(request, model, changes)['additionalModelRequestFields'];
const messages = (list: unknown[], model?: string) => encode({ messages: list }, model)['messages'];
const tool = (name: string, more: object = {}) => ({ type: 'function', function: { name, parameters: { properties: {} }, ...more } });
const call = (id: string, name = 'f', args = '{}') => ({ id, type: 'function', function: { name, arguments: args } });
const refusal = (code: string, param?: string) => expect.objectContaining(param === undefined ? { code } : { code, param });
const png = { type: 'image_url', image_url: { url: 'data:image/png;base64,iVBORw==' } };
const file = (name: string, type: string) => ({ type: 'file', file: { filename: name, file_data: `data:${type};base64,SGk=` } });

describe('a chat request for Converse', () => {
  it('at its least has the message; the model and the way of the answer are in the address', () => {
    expect(encode({})).toEqual({ messages: [{ role: 'user', content: [{ text: 'hi' }] }] });
    const arn = 'arn:aws:bedrock:us-east-1:1:application-inference-profile/a1';
    expect(openConverse({}, { upstreamModel: arn }).path).toBe(
      '/model/arn%3Aaws%3Abedrock%3Aus-east-1%3A1%3Aapplication-inference-profile%2Fa1/converse',
    );
    expect(openConverse({}, { stream: true }).path).toBe('/model/us.anthropic.claude-sonnet-4-5-20250929-v1%3A0/converse-stream');
    expect(encode({}, undefined, { stream: true })).not.toHaveProperty('stream');
  });

  it('has limits and sampling in inferenceConfig, the temperature no higher than 1', () => {
    const request = { max_completion_tokens: 100, temperature: 1.7, top_p: 0.5, stop: ['a', 'b'] };
    expect(encode(request)['inferenceConfig']).toEqual({ maxTokens: 100, temperature: 1, topP: 0.5, stopSequences: ['a', 'b'] });
  });

  it('collects system texts with their cache points', () => {
    const list = [
      { role: 'system', content: [{ type: 'text', text: 'a', cache_control: { type: 'ephemeral', ttl: '1h' } }] },
      USER,
      { role: 'developer', content: 'b' },
    ];
    expect(encode({ messages: list })['system']).toEqual([{ text: 'a' }, { cachePoint: { type: 'default', ttl: '1h' } }, { text: 'b' }]);
    expect(encode({ messages: [{ role: 'system', content: 'only' }] })).toEqual({
      messages: [{ role: 'user', content: [{ text: 'only' }] }],
    });
  });

  it('alternates roles: neighbours are joined, empty ones left out, results stand in the user’s turn', () => {
    const list = [
      USER,
      { role: 'user', content: ' ' },
      { role: 'assistant', content: null, tool_calls: [call('functions.f:0', 'f', '{"n":12345678901234567890}'), call('b')] },
      { role: 'tool', tool_call_id: 'functions.f:0', content: 'one' },
      { role: 'tool', tool_call_id: 'b', content: [{ type: 'text', text: 'two', cache_control: { type: 'ephemeral' } }] },
      { role: 'user', content: 'go on' },
      { role: 'assistant', content: 'Well, ' },
    ];
    const exchange = openConverse({ messages: list, tools: [tool('f')] });
    expect(Buffer.from(exchange.body).toString()).toContain('12345678901234567890');
    expect(messages(list)).toMatchObject([
      { role: 'user', content: [{ text: 'hi' }] },
      {
        role: 'assistant',
        content: [{ toolUse: { toolUseId: 'functions_f_0', name: 'f' } }, { toolUse: { toolUseId: 'b', name: 'f', input: {} } }],
      },
      {
        role: 'user',
        content: [
          { toolResult: { toolUseId: 'functions_f_0', content: [{ text: 'one' }] } },
          { toolResult: { toolUseId: 'b', content: [{ text: 'two' }] } },
          { cachePoint: { type: 'default' } },
          { text: 'go on' },
        ],
      },
      { role: 'assistant', content: [{ text: 'Well,' }] },
    ]);
  });

  it('replaces ids that a model does not take, alike for call and result', () => {
    const long = 'x'.repeat(80);
    const list = [USER, { role: 'assistant', content: null, tool_calls: [call(long)] }, { role: 'tool', tool_call_id: long, content: 'r' }];
    for (const [model, pattern] of [
      [undefined, /^[a-f0-9]{64}$/],
      [MISTRAL, /^[a-zA-Z0-9]{9}$/],
    ] as const) {
      const ids = JSON.stringify(messages(list, model)).match(/"toolUseId":"[^"]*"/g) ?? [];
      expect(ids).toHaveLength(2);
      expect(new Set(ids).size).toBe(1);
      expect(ids[0]?.slice(13, -1)).toMatch(pattern);
    }
  });

  it('gives files as bytes, documents under names that Converse takes', () => {
    const parts = [
      png,
      file('Q3 report (final).pdf', 'application/pdf'),
      file('Q3 report (final).pdf', 'application/pdf'),
      file('ü_1.csv', 'text/csv'),
      file('notes.py', 'text/x-python'),
    ];
    expect(messages([{ role: 'user', content: parts }])).toEqual([
      {
        role: 'user',
        content: [
          { image: { format: 'png', source: { bytes: 'iVBORw==' } } },
          { document: { format: 'pdf', name: 'Q3 report (final)', source: { bytes: 'SGk=' } } },
          { document: { format: 'pdf', name: 'Q3 report (final) 2', source: { bytes: 'SGk=' } } },
          { document: { format: 'csv', name: '--1', source: { bytes: 'SGk=' } } },
          { document: { format: 'txt', name: 'notes', source: { bytes: 'SGk=' } } },
        ],
      },
    ]);
    const inBucket: ContentPart = { type: 'media', source: { kind: 'image-url', url: 's3://bucket/cat.webp' } };
    expect(encodeParts([inBucket], new Set())).toEqual([
      { image: { format: 'webp', source: { s3Location: { uri: 's3://bucket/cat.webp' } } } },
    ]);
    expect(() => messages([{ role: 'user', content: [file('a.zip', 'application/zip')] }])).toThrow(refusal('invalid_request'));
    const odd: ContentPart = { type: 'media', source: { kind: 'base64', mediaType: 'constructor', data: 'SGk=' } };
    expect(() => encodeParts([odd], new Set())).toThrow(refusal('invalid_request'));
    expect(() => messages([{ role: 'user', content: [{ type: 'file', file: { file_id: 'file_1' } }] }])).toThrow(
      refusal('invalid_request'),
    );
  });

  it('puts a picture that was fetched in place of its address', () => {
    const url = 'https://host/cat.jpg';
    const fetchedMedia = new Map([[url, { mediaType: 'image/jpeg', data: 'QUJD' }]]);
    const list = [{ role: 'user', content: [{ type: 'image_url', image_url: { url } }] }];
    expect(encode({ messages: list }, undefined, { fetchedMedia })['messages']).toEqual([
      { role: 'user', content: [{ image: { format: 'jpeg', source: { bytes: 'QUJD' } } }] },
    ]);
    expect(() => encode({ messages: list })).toThrow(refusal('invalid_request'));
  });

  it('gives Claude its own reasoning back, and no other model any', () => {
    const blocks = [
      { type: 'thinking', thinking: 'Hm.', signature: 'c2ln' },
      { type: 'redacted_thinking', data: 'aGlkZGVu' },
      { type: 'thinking', thinking: 'Gemini thought.', signature: 'hr1.google.c2ln' },
    ];
    const list = [USER, { role: 'assistant', content: 'Hello.', thinking_blocks: blocks }, USER];
    expect(messages(list)).toMatchObject([
      {},
      {
        content: [
          { reasoningContent: { reasoningText: { text: 'Hm.', signature: 'c2ln' } } },
          { reasoningContent: { redactedContent: 'aGlkZGVu' } },
          { text: 'Hello.' },
        ],
      },
      {},
    ]);
    expect(messages(list, NOVA)).toMatchObject([{}, { content: [{ text: 'Hello.' }] }, {}]);
  });
});

describe('parameters', () => {
  it.each([
    ['frequency_penalty', 0.5],
    ['presence_penalty', 0.5],
    ['seed', 1],
  ])('%s is refused by name, or dropped', (name, value) => {
    expect(() => encode({ [name]: value })).toThrow(refusal('unsupported_parameter', name));
    expect(openConverse({ [name]: value }, { dropParams: true }).dropped).toEqual([name]);
  });

  it('top_k goes where each maker has it', () => {
    expect(fieldsOf({ top_k: 5 })).toEqual({ top_k: 5 });
    expect(fieldsOf({ top_k: 5 }, NOVA)).toEqual({ inferenceConfig: { topK: 5 } });
    expect(fieldsOf({ top_k: 5 }, MISTRAL)).toEqual({ top_k: 5 });
    expect(() => encode({ top_k: 5 }, LLAMA)).toThrow(refusal('unsupported_parameter', 'top_k'));
  });

  it('service_tier is Bedrock’s', () => {
    expect(encode({ service_tier: 'flex' })['serviceTier']).toEqual({ type: 'flex' });
    expect(encode({ service_tier: 'auto' })).not.toHaveProperty('serviceTier');
  });

  it('user goes into the metadata of the request', () => {
    expect(encode({ user: 'ana|7@x', requestMetadata: { team: 'a' } })['requestMetadata']).toEqual({ user: 'ana_7@x', team: 'a' });
  });

  it('of Converse’s own go to their places, unknown ones to the model', () => {
    const guardrailConfig = { guardrailIdentifier: 'g', guardrailVersion: '1' };
    const request = {
      guardrailConfig,
      performanceConfig: { latency: 'optimized' },
      inferenceConfig: { maxTokens: 9 },
      additionalModelRequestFields: { a: 1, thinking: { type: 'disabled' } },
      mystery: [1],
    };
    expect(encode(request)).toMatchObject({
      guardrailConfig,
      performanceConfig: { latency: 'optimized' },
      inferenceConfig: { maxTokens: 9 },
      additionalModelRequestFields: { a: 1, thinking: { type: 'disabled' }, mystery: [1] },
    });
  });

  it('betas of Claude that Bedrock knows are in the body; others are left out and named', () => {
    const clientHeaders = { 'anthropic-beta': 'context-1m-2025-08-07, oauth-2025-04-20' };
    const exchange = openConverse({}, { clientHeaders });
    expect(fieldsOf({}, undefined, { clientHeaders })).toEqual({ anthropic_beta: ['context-1m-2025-08-07'] });
    expect(exchange.dropped).toEqual(['anthropic-beta: oauth-2025-04-20']);
    expect(fieldsOf({}, NOVA, { clientHeaders })).toBeUndefined();
  });

  it('of 500 kB are translated in less than 10 ms', () => {
    const list = Array.from({ length: 100 }, (_value, index) => ({
      role: index % 2 === 0 ? 'user' : 'assistant',
      content: 'word '.repeat(1_000),
    }));
    const times = Array.from({ length: 10 }, () => {
      const start = performance.now();
      openConverse({ messages: list });
      return performance.now() - start;
    });
    expect(Math.min(...times)).toBeLessThan(10);
  });
});
