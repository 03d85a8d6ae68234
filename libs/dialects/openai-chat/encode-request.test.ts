import { describe, expect, it } from 'vitest';
import type { ConversationRequest } from '../conversation/request.ts';
import type { DialectQuirks } from '../exchange.ts';
import { encode as encodeWith, user } from './test-request.ts';

const text = (said: string, cacheControl?: object) => ({ type: 'text' as const, text: said, cacheControl: cacheControl as never });
const tool = {
  type: 'function' as const,
  name: 'look',
  description: 'Looks.',
  parameters: { type: 'object' },
  strict: true,
  cacheControl: undefined,
};

let dropped: string[] = [];
function encode(change: Partial<ConversationRequest>, quirks: DialectQuirks = {}, dropParams = false): Record<string, unknown> {
  dropped = [];
  return encodeWith(change, { quirks, dropParams, onDrop: (param) => dropped.push(param) });
}
const messagesOf = (change: Partial<ConversationRequest>, quirks?: DialectQuirks) => encode(change, quirks)['messages'];

describe('a conversation as a chat request', () => {
  it('of one question holds nothing but the question', () => {
    expect(encode({})).toEqual({ model: 'm-1', messages: [{ role: 'user', content: 'hi' }] });
  });

  it('keeps every parameter under its OpenAI name, and unknown fields as they are (P7)', () => {
    const request = {
      system: [text('Be brief.'), text('Be kind.')],
      tools: [tool],
      toolChoice: { type: 'named', name: 'look' },
      parallelToolCalls: false,
      maxOutputTokens: 9,
      temperature: 0.5,
      topP: 0.9,
      topK: 3,
      frequencyPenalty: 0.1,
      presencePenalty: 0.2,
      seed: 7,
      stop: ['END'],
      outputFormat: { type: 'json-schema', schema: { type: 'object' }, name: 'shape', strict: true },
      reasoningEffort: 'low',
      endUser: 'u-1',
      serviceTier: 'flex',
      stream: true,
      extra: { x_new: { a: [1] } },
    } as const;
    expect(encode(request)).toEqual({
      x_new: { a: [1] },
      model: 'm-1',
      messages: [
        { role: 'system', content: 'Be brief.\n\nBe kind.' },
        { role: 'user', content: 'hi' },
      ],
      tools: [{ type: 'function', function: { name: 'look', description: 'Looks.', parameters: { type: 'object' }, strict: true } }],
      tool_choice: { type: 'function', function: { name: 'look' } },
      parallel_tool_calls: false,
      max_tokens: 9,
      temperature: 0.5,
      top_p: 0.9,
      top_k: 3,
      frequency_penalty: 0.1,
      presence_penalty: 0.2,
      seed: 7,
      stop: ['END'],
      response_format: { type: 'json_schema', json_schema: { name: 'shape', schema: { type: 'object' }, strict: true } },
      reasoning_effort: 'low',
      user: 'u-1',
      service_tier: 'flex',
      stream: true,
      stream_options: { include_usage: true },
    });
  });

  it('without tools has no fields that are only allowed beside tools', () => {
    expect(encode({ toolChoice: { type: 'auto' }, parallelToolCalls: true })).not.toHaveProperty('tool_choice');
    expect(encode({ parallelToolCalls: true })).not.toHaveProperty('parallel_tool_calls');
  });

  it('asks for JSON in words too, unless the conversation does: the API refuses JSON mode otherwise', () => {
    const json = { outputFormat: { type: 'json' } } as const;
    expect(encode(json)).toMatchObject({ response_format: { type: 'json_object' }, messages: [{ role: 'system' }, { role: 'user' }] });
    expect(messagesOf({ ...json, messages: [user('as JSON please')] })).toHaveLength(1);
  });

  it.each([
    [{ reasoningBudget: 1_024 }, 'low'],
    [{ reasoningBudget: 2_048 }, 'medium'],
    [{ reasoningBudget: 31_999 }, 'high'],
    [{ reasoningBudget: 0 }, undefined],
    [{ reasoningEffort: 'none' }, undefined],
    [{ reasoningBudget: 9_000, reasoningEffort: 'minimal' }, 'minimal'],
  ])('turns the budget of %j into the effort %s', (request, effort) => {
    expect(encode(request)['reasoning_effort']).toBe(effort);
  });

  it.each([
    ['gpt-5.1', 'none'],
    ['openai/gpt-6', 'none'],
    ['gpt-5', undefined],
    ['gpt-4o', undefined],
    ['gpt-5.1-codex', undefined],
    ['o3', undefined],
  ])('asks %s for no reasoning only when it knows the word', (upstreamModel, effort) => {
    expect(encodeWith({ reasoningEffort: 'none' }, { upstreamModel })['reasoning_effort']).toBe(effort);
  });

  it('hashes an end-user id that is too long, always alike', () => {
    const long = 'user_'.repeat(40);
    expect(encode({ endUser: long })['user']).toMatch(/^[0-9a-f]{64}$/);
    expect(encode({ endUser: long })).toEqual(encode({ endUser: long }));
    expect(encode({ endUser: 'u' }, { unsupportedParams: ['user'] })).not.toHaveProperty('user');
  });

  it("refuses another provider's own tools by their place, or drops and names them", () => {
    const tools = [tool, { type: 'opaque', value: { type: 'web_search_20250305' } }] as const;
    expect(() => encode({ tools })).toThrow(expect.objectContaining({ code: 'unsupported_parameter', param: 'tools[1]' }));
    expect(encode({ tools }, {}, true)['tools']).toHaveLength(1);
    expect(dropped).toEqual(['tools[1]']);
  });
});

describe('a host’s quirks', () => {
  it.each<[DialectQuirks, Partial<ConversationRequest>, object]>([
    [{ maxTokensField: 'max_completion_tokens' }, { maxOutputTokens: 5 }, { max_completion_tokens: 5 }],
    [{ renamedParams: { seed: 'random_seed' } }, { seed: 1 }, { random_seed: 1 }],
    [
      { strictTools: false },
      { tools: [tool] },
      { tools: [{ type: 'function', function: { name: 'look', description: 'Looks.', parameters: { type: 'object' } } }] },
    ],
    [
      { flattenContent: true },
      { messages: [{ role: 'user', parts: [text('a'), text('b')] }] },
      { messages: [{ role: 'user', content: 'a\n\nb' }] },
    ],
    [{ thinkingFormat: 'reasoning-object' }, { reasoningBudget: 3_000 }, { reasoning: { max_tokens: 3_000 } }],
    [{ thinkingFormat: 'reasoning-object' }, { reasoningEffort: 'high' }, { reasoning: { effort: 'high' } }],
    [{ thinkingFormat: 'thinking-and-effort' }, { reasoningEffort: 'high' }, { thinking: { type: 'enabled' }, reasoning_effort: 'high' }],
    [{ thinkingFormat: 'thinking-and-effort' }, { reasoningEffort: 'none' }, { thinking: { type: 'disabled' } }],
    [{ thinkingFormat: 'thinking-switch' }, { reasoningEffort: 'high' }, { thinking: { type: 'enabled' } }],
    [
      { thinkingFormat: 'thinking-switch', reasoningEffort: true },
      { reasoningEffort: 'high' },
      { thinking: { type: 'enabled' }, reasoning_effort: 'high' },
    ],
    [{ thinkingFormat: 'enable-thinking' }, { reasoningBudget: 500 }, { enable_thinking: true, thinking_budget: 500 }],
    [
      { thinkingFormat: 'template-switch' },
      { reasoningEffort: 'none', extra: { chat_template_kwargs: { lang: 'de' } } },
      { chat_template_kwargs: { enable_thinking: false, lang: 'de' } },
    ],
  ])('%j make %j into %j', (quirks, request, expected) => {
    const { model, messages, ...rest } = encode(request, quirks);
    expect('messages' in expected ? { messages, ...rest } : rest).toEqual(expected);
    expect(model).toBe('m-1');
  });

  it('name the function of a tool result where it must be named', () => {
    const messages = [
      { role: 'assistant', reasoning: [], parts: [], toolCalls: [{ id: 'c1', name: 'look', argumentsText: '{}' }] },
      { role: 'tool', toolCallId: 'c1', parts: [], isError: false, cacheControl: undefined },
    ] as const;
    expect(messagesOf({ messages }, { requiresToolResultName: true })).toMatchObject([{}, { name: 'look' }]);
  });

  it('leave stream_options out where they are refused', () => {
    expect(encode({ stream: true }, { streamUsage: false })).not.toHaveProperty('stream_options');
  });

  it('refuse what the host answers with an error, or drop and name it', () => {
    const quirks = { unsupportedParams: ['tools'] };
    expect(() => encode({ tools: [tool] }, quirks)).toThrow(expect.objectContaining({ code: 'unsupported_parameter', param: 'tools' }));
    expect(encode({ tools: [tool] }, quirks, true)).not.toHaveProperty('tools');
    expect(dropped).toEqual(['tools']);
    expect(() => encode({ reasoningEffort: 'low' }, { reasoningEffort: false })).toThrow(
      expect.objectContaining({ param: 'reasoning_effort' }),
    );
  });
});
