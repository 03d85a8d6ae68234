import { describe, expect, it } from 'vitest';
import { decodeResponse } from './decode-response.ts';

const decode = (body: unknown) => decodeResponse(Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)));
const answer = (message: object, finish: unknown = 'stop') => ({
  id: 'cmpl-1',
  model: 'm',
  choices: [{ index: 0, message, finish_reason: finish }],
});

describe('a whole chat answer as a conversation', () => {
  it('has text, reasoning, calls and usage', () => {
    const call = { id: 'a', type: 'function', function: { name: 'f', arguments: '{"n":12345678901234567890}' } };
    const message = { role: 'assistant', content: 'hi', reasoning_content: 'hm', tool_calls: [call] };
    const body = { ...answer(message, 'tool_calls'), usage: { prompt_tokens: 3, completion_tokens: 2 }, service_tier: 'priority' };
    expect(decode(body)).toEqual({
      model: 'm',
      text: 'hi',
      reasoning: [{ type: 'plain', text: 'hm' }],
      toolCalls: [{ id: 'a', name: 'f', argumentsText: '{"n":12345678901234567890}' }],
      finishReason: 'tool_calls',
      usage: expect.objectContaining({ inputTokens: 3, outputTokens: 2, serviceTier: 'priority' }),
    });
  });

  it.each<[string, object, unknown, object]>([
    ['a refusal', { content: null, refusal: 'No.' }, 'stop', { text: 'No.', finishReason: 'stop' }],
    [
      'parts',
      {
        content: [
          { type: 'thinking', thinking: [{ text: 'hm' }] },
          { type: 'text', text: 'a' },
        ],
      },
      'stop',
      { text: 'a', reasoning: [{ text: 'hm' }] },
    ],
    ['no content', { content: null }, 'length', { text: '', finishReason: 'length' }],
    [
      'calls behind a stop',
      { tool_calls: [{ function: { name: 'f' } }] },
      'stop',
      { finishReason: 'tool_calls', toolCalls: [{ id: 'call_cmpl-1_0', argumentsText: '{}' }] },
    ],
    [
      'an object of arguments',
      { tool_calls: [{ id: 'a', function: { name: 'f', arguments: { x: 1 } } }] },
      'tool_calls',
      { toolCalls: [{ argumentsText: '{"x":1}' }] },
    ],
    [
      'a deprecated call',
      { function_call: { name: 'f', arguments: '{}' } },
      'function_call',
      { finishReason: 'tool_calls', toolCalls: [{ name: 'f' }] },
    ],
    ['no finish reason', { content: 'x' }, null, { finishReason: 'stop' }],
    [
      'signed blocks',
      { content: '', thinking_blocks: [{ type: 'thinking', thinking: 't', signature: 's' }] },
      'stop',
      { reasoning: [{ type: 'signed', text: 't' }] },
    ],
  ])('reads %s', (_what, message, finish, expected) => {
    expect(decode(answer(message, finish))).toMatchObject(expected);
  });

  it.each([
    ['no JSON', '<html>', 'upstream_invalid_response'],
    ['a list', '[]', 'upstream_invalid_response'],
    ['no choices', '{"choices":[]}', 'upstream_invalid_response'],
    ['a choice without a message', '{"choices":[{}]}', 'upstream_invalid_response'],
    ['an error inside a 200', '{"error":{"message":"no credits left","code":402}}', 'upstream_quota'],
    ['a failed answer', JSON.stringify(answer({ content: '' }, 'error')), 'upstream_error'],
  ])('of %s is an error', (_what, body, code) => {
    expect(() => decode(body)).toThrow(expect.objectContaining({ code }));
  });
});
