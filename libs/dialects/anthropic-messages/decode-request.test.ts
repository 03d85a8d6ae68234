import { describe, expect, it } from 'vitest';
import { packToolCallId } from '../conversation/signature.ts';
import { fastestMs } from '../test-fastest.ts';
import { decode } from './test-request.ts';

const HASH = 'ab'.repeat(32);
const messagesOf = (...messages: object[]) => decode({ messages }).request.messages;
const userParts = (...content: object[]) => messagesOf({ role: 'user', content })[0];

describe('a Messages request as a conversation', () => {
  it('has its system text, with cache marks, and that of messages before the first turn', () => {
    const cacheControl = { type: 'ephemeral', ttl: '1h' };
    const system = [{ type: 'text', text: 'one', cache_control: cacheControl }];
    const messages = [
      { role: 'system', content: 'two' },
      { role: 'user', content: 'hi' },
    ];
    expect(decode({ system, messages }).request).toMatchObject({
      system: [
        { type: 'text', text: 'one', cacheControl },
        { type: 'text', text: 'two' },
      ],
      messages: [{ role: 'user', parts: [{ type: 'text', text: 'hi' }] }],
    });
    expect(decode({ system: 'text' }).request.system).toEqual([{ type: 'text', text: 'text' }]);
  });

  it('keeps system messages in the middle where they are, so that the cached prefix stays, but never between calls and results', () => {
    const hint = { role: 'system', content: [{ type: 'text', text: 'hint' }] };
    const call = { role: 'assistant', content: [{ type: 'tool_use', id: 'c', name: 'f', input: {} }] };
    const result = { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'c', content: 'x' }] };
    const { system, messages } = decode({ messages: [{ role: 'user', content: 'hi' }, hint, call, hint, result, hint] }).request;
    const text = '<system-reminder>\nhint\n</system-reminder>';
    expect(system).toEqual([]);
    expect(messages.map(({ role }) => role)).toEqual(['user', 'user', 'assistant', 'tool', 'user']);
    expect(messages[1]).toMatchObject({ parts: [{ text }] });
    expect(messages[4]).toMatchObject({ parts: [{ text }, { text }] });
  });

  it('has pictures and documents from all their sources', () => {
    const image = (source: object) => ({ type: 'image', source });
    const document = (source: object, more = {}) => ({ type: 'document', source, ...more });
    const pdf = { type: 'base64', media_type: 'application/pdf', data: 'cGRm' };
    expect(
      userParts(
        image({ type: 'base64', media_type: 'image/png', data: 'cG5n' }),
        image({ type: 'url', url: 'https://x.test/a.png' }),
        image({ type: 'file', file_id: 'file_1' }),
        document(pdf, { title: 'T', context: 'C', cache_control: { type: 'ephemeral' } }),
        document({ type: 'url', url: 'https://x.test/a.pdf' }),
        document({ type: 'text', media_type: 'text/plain', data: 'plain' }, { title: 'T' }),
        document({ type: 'content', content: [{ type: 'text', text: 'inner' }] }),
      ),
    ).toMatchObject({
      parts: [
        { type: 'media', source: { kind: 'base64', mediaType: 'image/png', data: 'cG5n' } },
        { type: 'media', source: { kind: 'image-url', url: 'https://x.test/a.png' }, at: 'messages[0].content[1].source' },
        { type: 'media', source: { kind: 'file-id', fileId: 'file_1' } },
        { type: 'text', text: 'C' },
        { type: 'media', source: { kind: 'base64', mediaType: 'application/pdf' }, title: 'T', cacheControl: { type: 'ephemeral' } },
        { type: 'media', source: { kind: 'document-url', url: 'https://x.test/a.pdf' } },
        { type: 'text', text: 'T' },
        { type: 'text', text: 'plain' },
        { type: 'text', text: 'inner' },
      ],
    });
  });

  it('has search results as text and blocks without a name here as they came', () => {
    const result = { type: 'search_result', title: 'T', source: 'https://x.test', content: [{ type: 'text', text: 'found' }] };
    const opaque = { type: 'container_upload', file_id: 'f' };
    expect(userParts(result, opaque)).toEqual({
      role: 'user',
      parts: [
        { type: 'text', text: 'T\nhttps://x.test\nfound' },
        { type: 'opaque', value: opaque },
      ],
    });
  });

  it('has reasoning with its signature and issuer, calls, and results before the text of their turn', () => {
    const signed = packToolCallId('call_2', { issuer: 'google', value: 'sig' });
    const messages = messagesOf(
      { role: 'user', content: 'hi' },
      {
        role: 'assistant',
        content: [
          { type: 'thinking', thinking: 'own', signature: 'c2ln' },
          { type: 'thinking', thinking: 'foreign', signature: 'hr1.google.abc' },
          { type: 'thinking', thinking: 'plain', signature: '' },
          { type: 'redacted_thinking', data: 'enc' },
          { type: 'text', text: 'looking' },
          { type: 'tool_use', id: 'call_1', name: 'f', input: { a: 1 } },
          { type: 'tool_use', id: signed, name: 'g', input: {} },
        ],
      },
      {
        role: 'user',
        content: [
          { type: 'text', text: 'and?' },
          { type: 'tool_result', tool_use_id: 'call_1', content: 'one', is_error: true },
          {
            type: 'tool_result',
            tool_use_id: signed,
            content: [{ type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'x' } }],
          },
        ],
      },
    );
    expect(messages).toMatchObject([
      { role: 'user' },
      {
        role: 'assistant',
        reasoning: [
          { type: 'signed', text: 'own', signature: { issuer: 'claude', value: 'c2ln' } },
          { type: 'signed', text: 'foreign', signature: { issuer: 'google', value: 'abc' } },
          { type: 'plain', text: 'plain' },
          { type: 'redacted', data: 'enc' },
        ],
        parts: [{ type: 'text', text: 'looking' }],
        toolCalls: [
          { id: 'call_1', name: 'f', argumentsText: '{"a":1}' },
          { id: 'call_2', name: 'g', argumentsText: '{}', signature: { issuer: 'google', value: 'sig' } },
        ],
      },
      { role: 'tool', toolCallId: 'call_1', isError: true, parts: [{ type: 'text', text: 'one' }] },
      { role: 'tool', toolCallId: 'call_2', isError: false, parts: [{ type: 'media' }] },
      { role: 'user', parts: [{ type: 'text', text: 'and?' }] },
    ]);
  });

  it.each([
    [{ type: 'auto' }, { type: 'auto' }, undefined],
    [{ type: 'any', disable_parallel_tool_use: true }, { type: 'required' }, false],
    [{ type: 'tool', name: 'f' }, { type: 'named', name: 'f' }, undefined],
    [{ type: 'none' }, { type: 'none' }, undefined],
    [{ type: 'auto', disable_parallel_tool_use: false }, { type: 'auto' }, undefined],
  ])('has the tool choice %j', (choice, toolChoice, parallelToolCalls) => {
    expect(decode({ tool_choice: choice }).request).toMatchObject({ toolChoice });
    expect(decode({ tool_choice: choice }).request.parallelToolCalls).toBe(parallelToolCalls);
  });

  it('has custom tools as functions and server tools as they came', () => {
    const server = { type: 'web_search_20260318', name: 'web_search' };
    const custom = {
      name: 'f',
      description: 'd',
      input_schema: { type: 'object' },
      strict: true,
      cache_control: { type: 'ephemeral' },
      defer_loading: true,
    };
    const { request, dropped } = decode({ tools: [custom, server] });
    expect(request.tools).toEqual([
      { type: 'function', name: 'f', description: 'd', parameters: { type: 'object' }, strict: true, cacheControl: { type: 'ephemeral' } },
      { type: 'opaque', value: server },
    ]);
    expect(dropped).toEqual(['tools.defer_loading']);
  });

  it.each([
    [{}, undefined, undefined],
    [{ thinking: { type: 'enabled', budget_tokens: 2_048 } }, undefined, 2_048],
    [{ thinking: { type: 'adaptive' } }, undefined, undefined],
    [{ thinking: { type: 'adaptive', display: 'omitted' }, output_config: { effort: 'max' } }, 'max', undefined],
    [{ output_config: { effort: 'low' } }, 'low', undefined],
    [{ thinking: { type: 'disabled' } }, 'none', undefined],
  ])('with %j reasons with effort %s and budget %s', (fields, reasoningEffort, reasoningBudget) => {
    expect(decode(fields).request).toMatchObject({ reasoningEffort, reasoningBudget });
  });

  it.each([
    [
      { output_config: { format: { type: 'json_schema', schema: { type: 'object' } } } },
      'outputFormat',
      { type: 'json-schema', schema: { type: 'object' } },
    ],
    [
      { output_format: { type: 'json_schema', schema: { type: 'object' } } },
      'outputFormat',
      { type: 'json-schema', schema: { type: 'object' } },
    ],
    [{ stop_sequences: ['a', 'b'] }, 'stop', ['a', 'b']],
    [{ top_k: 5 }, 'topK', 5],
    [{ metadata: { user_id: 'someone' } }, 'endUser', 'someone'],
    [{ metadata: { user_id: `user_${HASH}_account__session_1-2` } }, 'endUser', HASH],
    [{ service_tier: 'auto' }, 'serviceTier', undefined],
    [{ service_tier: 'standard_only' }, 'serviceTier', 'default'],
    [{ anything_new: { at: 'all' } }, 'extra', { anything_new: { at: 'all' } }],
  ])('with %j has the right %s', (fields, member, value) => {
    expect(decode(fields).request).toHaveProperty(member, value);
  });

  it("takes the deployment's defaults, in OpenAI's names, where the client said nothing", () => {
    const defaultParams = {
      max_tokens: 5,
      temperature: 0.5,
      stop: 'x',
      seed: 7,
      reasoning_effort: 'high',
      user: 'u',
      extra_body: { top_a: 1 },
    };
    expect(decode({}, { defaultParams }).request).toMatchObject({
      maxOutputTokens: 100,
      temperature: 0.5,
      stop: ['x'],
      seed: 7,
      reasoningEffort: 'high',
      endUser: 'u',
      extra: { top_a: 1 },
    });
    const own = { temperature: 1, stop_sequences: ['y'], thinking: { type: 'adaptive' }, metadata: { user_id: 'me' } };
    expect(decode(own, { defaultParams }).request).toMatchObject({
      temperature: 1,
      stop: ['y'],
      reasoningEffort: undefined,
      endUser: 'me',
    });
  });
});

it('a request of 500 kB is decoded in under 10 ms', () => {
  const turn = (index: number): object[] => [
    { role: 'user', content: [{ type: 'text', text: `question ${index} ${'words '.repeat(200)}` }] },
    { role: 'assistant', content: [{ type: 'tool_use', id: `c${index}`, name: 'read', input: { path: 'x'.repeat(50) } }] },
    { role: 'user', content: [{ type: 'tool_result', tool_use_id: `c${index}`, content: 'line\n'.repeat(600) }] },
    { role: 'assistant', content: [{ type: 'text', text: 'answer '.repeat(100) }] },
  ];
  const messages = Array.from({ length: 100 }, (_, index) => turn(index)).flat();
  expect(JSON.stringify(messages).length).toBeGreaterThan(500_000);
  expect(fastestMs(() => void decode({ messages }))).toBeLessThan(10);
});
