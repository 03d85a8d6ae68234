import { describe, expect, it } from 'vitest';
import type { ExchangeInput } from '../exchange.ts';
import { openExchange } from '../open-exchange.ts';

type Json = Record<string, unknown>;
const USER = { role: 'user', content: 'hi' };

function encodeText(body: string, changes: Partial<ExchangeInput> = {}): string {
  const exchange = openExchange({
    clientDialect: 'openai-chat',
    providerDialect: 'anthropic-messages',
    stream: false,
    body: Buffer.from(body),
    upstreamModel: 'claude-sonnet-4-5',
    defaultParams: {},
    dropParams: false,
    quirks: {},
    clientHeaders: {},
    createdAt: 0,
    answerId: 'id',
    ...changes,
  });
  return Buffer.from(exchange.body).toString();
}

function encode(request: object, changes: Partial<ExchangeInput> = {}): Json {
  return JSON.parse(encodeText(JSON.stringify({ model: 'group', messages: [USER], ...request }), changes)) as Json;
}

const messages = (list: unknown[]) => encode({ messages: list })['messages'];
const call = (id: string, args = '{}') => ({ id, type: 'function', function: { name: 'f', arguments: args } });
const refusal = (code: string, param: string) => expect.objectContaining({ code, param });

describe('a chat request for an Anthropic provider', () => {
  it('at its least has a model, a token limit and the message', () => {
    expect(encode({})).toEqual({
      model: 'claude-sonnet-4-5',
      max_tokens: 4_096,
      messages: [{ role: 'user', content: [{ type: 'text', text: 'hi' }] }],
    });
    expect(encode({}, { stream: true })['stream']).toBe(true);
  });

  it('sends temperature and top_p together only where the model takes both, or where the caller wants the error', () => {
    const both = { temperature: 0.5, top_p: 0.9 };
    expect(encode(both, { dropParams: true })).not.toHaveProperty('top_p');
    expect(encode(both, { dropParams: true })).toMatchObject({ temperature: 0.5 });
    expect(encode(both)).toMatchObject(both);
    expect(encode(both, { dropParams: true, upstreamModel: 'claude-3-5-sonnet-20241022' })).toMatchObject(both);
    expect(encode({ top_p: 0.9 }, { dropParams: true })).toMatchObject({ top_p: 0.9 });
  });

  it('collects system and developer messages with their cache marks', () => {
    const list = [
      { role: 'system', content: 'a', cache_control: { type: 'ephemeral' } },
      USER,
      { role: 'developer', content: [{ type: 'text', text: 'b' }] },
    ];
    expect(encode({ messages: list })['system']).toEqual([
      { type: 'text', text: 'a', cache_control: { type: 'ephemeral' } },
      { type: 'text', text: 'b' },
    ]);
    expect(encode({ messages: [{ role: 'system', content: 'only' }] })).toMatchObject({
      messages: [{ role: 'user', content: [{ text: 'only' }] }],
    });
  });

  it('gives images and documents as blocks', () => {
    const parts = [
      { type: 'text', text: 'look', cache_control: { type: 'ephemeral', ttl: '1h' } },
      { type: 'text', text: ' ' },
      { type: 'image_url', image_url: { url: 'data:image/png;base64,iVBOR', detail: 'high' }, cache_control: { type: 'ephemeral' } },
      { type: 'image_url', image_url: { url: 'https://host/cat.jpg' } },
      { type: 'image_url', image_url: 'data:application/pdf;base64,JVBER' },
      { type: 'file', file: { filename: 'a.pdf', file_data: 'data:application/pdf;base64,JVBER' } },
      { type: 'file', file: { file_data: `data:text/markdown;charset=utf-8;base64,${Buffer.from('# ü').toString('base64')}` } },
      { type: 'file', file: { file_id: 'file_1' } },
      { type: 'file', file: { file_id: 'https://host/a.pdf' } },
      { type: 'search_result', source: 's', extra: 1 },
    ];
    expect(messages([{ role: 'user', content: parts }])).toEqual([
      {
        role: 'user',
        content: [
          { type: 'text', text: 'look', cache_control: { type: 'ephemeral', ttl: '1h' } },
          { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'iVBOR' }, cache_control: { type: 'ephemeral' } },
          { type: 'image', source: { type: 'url', url: 'https://host/cat.jpg' } },
          { type: 'document', source: { type: 'base64', media_type: 'application/pdf', data: 'JVBER' } },
          { type: 'document', source: { type: 'base64', media_type: 'application/pdf', data: 'JVBER' }, title: 'a.pdf' },
          { type: 'document', source: { type: 'text', media_type: 'text/plain', data: '# ü' } },
          { type: 'document', source: { type: 'file', file_id: 'file_1' } },
          { type: 'document', source: { type: 'url', url: 'https://host/a.pdf' } },
          { type: 'search_result', source: 's', extra: 1 },
        ],
      },
    ]);
  });

  it('joins neighbours and puts tool results first in one user turn, with ids the API takes', () => {
    const list = [
      USER,
      { role: 'user', content: 'and' },
      { role: 'assistant', content: 'calling ', tool_calls: [call('functions.f:0', '{"big":12345678901234567890}'), call('b', '')] },
      { role: 'tool', tool_call_id: 'b', content: [{ type: 'text', text: 'B' }], is_error: true },
      { role: 'tool', tool_call_id: 'functions.f:0', content: '', cache_control: { type: 'ephemeral' } },
      { role: 'user', content: 'next' },
    ];
    const text = encodeText(JSON.stringify({ messages: list }));
    expect(text).toContain('"input":{"big":12345678901234567890}');
    expect((JSON.parse(text) as Json)['messages']).toEqual([
      {
        role: 'user',
        content: [
          { type: 'text', text: 'hi' },
          { type: 'text', text: 'and' },
        ],
      },
      {
        role: 'assistant',
        content: [
          { type: 'text', text: 'calling ' },
          { type: 'tool_use', id: 'functions_f_0', name: 'f', input: expect.anything() },
          { type: 'tool_use', id: 'b', name: 'f', input: {} },
        ],
      },
      {
        role: 'user',
        content: [
          { type: 'tool_result', tool_use_id: 'b', content: [{ type: 'text', text: 'B' }], is_error: true },
          { type: 'tool_result', tool_use_id: 'functions_f_0', cache_control: { type: 'ephemeral' } },
          { type: 'text', text: 'next' },
        ],
      },
    ]);
  });

  it('gives reasoning back with its signatures, also when a client kept it in pieces', () => {
    const blocks = [
      { type: 'thinking', thinking: 'a', signature: '' },
      { type: 'thinking', thinking: 'b', signature: 's1' },
      { type: 'redacted_thinking', data: 'd' },
      { type: 'thinking', thinking: 'unsigned' },
    ];
    const list = [USER, { role: 'assistant', content: 'x ', reasoning_content: 'ab', thinking_blocks: blocks }];
    expect(messages(list)).toMatchObject([
      {},
      {
        role: 'assistant',
        content: [
          { type: 'thinking', thinking: 'ab', signature: 's1' },
          { type: 'redacted_thinking', data: 'd' },
          { type: 'text', text: 'x' },
        ],
      },
    ]);
  });

  it.each([
    ['auto', undefined, { type: 'auto' }],
    ['none', false, { type: 'none' }],
    ['required', undefined, { type: 'any' }],
    [{ type: 'function', function: { name: 'f' } }, false, { type: 'tool', name: 'f', disable_parallel_tool_use: true }],
    [undefined, false, { type: 'auto', disable_parallel_tool_use: true }],
    [undefined, true, undefined],
  ])('says tool choice %j with parallel calls %s as %j', (choice, parallel, expected) => {
    const tools = [
      {
        type: 'function',
        function: { name: 'f', description: 'd', parameters: { properties: {} }, strict: true },
        cache_control: { type: 'ephemeral' },
      },
      { type: 'function', function: { name: 'g' } },
      { type: 'web_search_20250305', name: 'web_search' },
    ];
    const encoded = encode({ tools, tool_choice: choice, parallel_tool_calls: parallel });
    expect(encoded['tool_choice']).toEqual(expected);
    expect(encoded['tools']).toEqual([
      { name: 'f', description: 'd', input_schema: { type: 'object', properties: {} }, strict: true, cache_control: { type: 'ephemeral' } },
      { name: 'g', input_schema: { type: 'object', properties: {} } },
      { type: 'web_search_20250305', name: 'web_search' },
    ]);
  });

  it('maps sampling, limits, stops and the end user', () => {
    const request = {
      temperature: 1.7,
      top_p: 0.5,
      stop: 'x',
      max_completion_tokens: 9,
      max_tokens: 8,
      user: 'u',
      service_tier: 'default',
    };
    expect(encode(request)).toMatchObject({
      temperature: 1,
      top_p: 0.5,
      stop_sequences: ['x'],
      max_tokens: 9,
      metadata: { user_id: 'u' },
      service_tier: 'standard_only',
    });
    expect(encode({ stop: ['a', 'b'], metadata: { user_id: 'm', tags: ['t'] } })).toMatchObject({
      stop_sequences: ['a', 'b'],
      metadata: { user_id: 'm' },
    });
  });

  it('asks for JSON as the model can be asked', () => {
    const schema = { type: 'object', properties: {}, additionalProperties: false };
    const response_format = { type: 'json_schema', json_schema: { name: 'n', schema, strict: true } };
    expect(encode({ response_format })['output_config']).toEqual({ format: { type: 'json_schema', schema } });
    const older = encode({ response_format }, { upstreamModel: 'claude-3-5-haiku-20241022' });
    expect(older['output_config']).toBeUndefined();
    expect(JSON.stringify(older['system'])).toContain('additionalProperties');
    expect(JSON.stringify(encode({ response_format: { type: 'json_object' } })['system'])).toContain('JSON object');
    expect(encode({ response_format: { type: 'text' } })['system']).toBeUndefined();
  });

  it.each([
    ['claude-sonnet-4-5', {}, 'medium', { thinking: { type: 'enabled', budget_tokens: 2_048 }, max_tokens: 6_144 }],
    ['claude-sonnet-4-5', { max_tokens: 1_500 }, 'high', { thinking: { type: 'enabled', budget_tokens: 1_499 }, max_tokens: 1_500 }],
    [
      'claude-opus-4-6',
      { max_tokens: 100 },
      'xhigh',
      { thinking: { type: 'adaptive' }, output_config: { effort: 'high' }, max_tokens: 100 },
    ],
    ['claude-opus-4-8', {}, { effort: 'max' }, { thinking: { type: 'adaptive', display: 'summarized' }, output_config: { effort: 'max' } }],
    ['claude-opus-4-8', {}, 'none', { thinking: { type: 'disabled' } }],
    [
      'claude-sonnet-4-5',
      { thinking: { type: 'enabled', budget_tokens: 5_000, x: 1 } },
      'low',
      { thinking: { type: 'enabled', budget_tokens: 5_000, x: 1 }, max_tokens: 9_096 },
    ],
  ])('%s with %j thinks at effort %j', (upstreamModel, request, effort, expected) => {
    expect(encode({ ...request, reasoning_effort: effort }, { upstreamModel })).toMatchObject(expected);
  });

  it('refuses an effort that a small token limit leaves no room for', () => {
    expect(() => encode({ max_tokens: 500, reasoning_effort: 'low' })).toThrow(refusal('unsupported_parameter', 'reasoning_effort'));
  });

  it('passes unknown fields on with all their digits (P7)', () => {
    const text = encodeText(
      '{"model":"m","messages":[{"role":"user","content":"hi"}],"top_k":5,"x_id":12345678901234567890,"container":{"id":"c"}}',
    );
    for (const field of ['"top_k":5', '"x_id":12345678901234567890', '"container":{"id":"c"}']) expect(text).toContain(field);
  });

  it("leaves the gateway's own fields and OpenAI's idle ones out", () => {
    const idle = {
      n: 1,
      frequency_penalty: 0,
      presence_penalty: null,
      logprobs: false,
      store: false,
      logit_bias: {},
      modalities: ['text'],
      fallbacks: ['b'],
      num_retries: 2,
      stream_options: {},
    };
    expect(encode(idle)).toEqual(encode({}));
  });

  it.each([
    ['n', 2],
    ['logprobs', true],
    ['logit_bias', { 1: 2 }],
    ['frequency_penalty', 0.5],
    ['presence_penalty', 1],
    ['seed', 7],
    ['store', true],
    ['audio', { voice: 'x' }],
    ['modalities', ['audio']],
    ['prediction', {}],
    ['service_tier', 'flex'],
    ['reasoning_effort', 'galactic'],
  ])('refuses %s: %j by name, or drops it when told to (P7)', (field, value) => {
    expect(() => encode({ [field]: value })).toThrow(refusal('unsupported_parameter', field));
    expect(encode({ [field]: value }, { dropParams: true })).toEqual(encode({}));
    expect(encode({ [field]: value, drop_params: true })).toEqual(encode({}));
  });

  it("refuses what the provider's record says it can't take", () => {
    const quirks = { unsupportedParams: ['top_p'] };
    expect(() => encode({ top_p: 0.5 }, { quirks })).toThrow(refusal('unsupported_parameter', 'top_p'));
    expect(encode({ top_p: 0.5 }, { quirks, dropParams: true })).toEqual(encode({}));
  });

  it("sets the deployment's defaults only where the client set nothing", () => {
    const defaultParams = { max_tokens: 77, temperature: 0.1, extra_body: { top_k: 1 } };
    expect(encode({ temperature: 0.9 }, { defaultParams })).toMatchObject({ max_tokens: 77, temperature: 0.9, top_k: 1 });
    expect(encode({ max_completion_tokens: 5 }, { defaultParams })['max_tokens']).toBe(5);
  });
});
