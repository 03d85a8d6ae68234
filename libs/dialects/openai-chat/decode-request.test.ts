import { describe, expect, it } from 'vitest';
import { decodeRequest } from './decode-request.ts';

const USER = { role: 'user', content: 'hi' };

const decode = (request: object) =>
  decodeRequest(
    { model: 'group', messages: [USER], ...request },
    { stream: false, dropParams: false, defaultParams: {}, unsupportedParams: [] },
  );
const call = (id: string, args = '{}') => ({ id, type: 'function', function: { name: 'f', arguments: args } });
const refusal = (code: string, param: string) => expect.objectContaining({ code, param });

describe('a chat request for a provider of another dialect', () => {
  it.each([
    [[{ role: 'tool', tool_call_id: 'a', content: '' }], 'messages[0].tool_call_id'],
    [[USER, { role: 'assistant', tool_calls: [call('a')] }, { role: 'tool', tool_call_id: 'b', content: '' }], 'messages[2].tool_call_id'],
    [
      [
        { role: 'assistant', tool_calls: [call('a')] },
        { role: 'tool', tool_call_id: 'a' },
        { role: 'tool', tool_call_id: 'a' },
      ],
      'messages[2].tool_call_id',
    ],
    [[{ role: 'assistant', tool_calls: [call('a')] }, { role: 'tool' }], 'messages[1].tool_call_id'],
    [[USER, { role: 'assistant', tool_calls: [call('a')] }, USER], 'messages[1].tool_calls'],
    [[USER, { role: 'assistant', tool_calls: [call('a')] }], 'messages[1].tool_calls'],
    [[{ role: 'assistant', tool_calls: [call('a', '{"x":')] }], 'messages[0].tool_calls[0].function.arguments'],
    [[{ role: 'assistant', tool_calls: [call('a', '[1]')] }], 'messages[0].tool_calls[0].function.arguments'],
    [[{ role: 'assistant', tool_calls: [{ id: 'a' }] }], 'messages[0].tool_calls[0].function'],
    [[{ role: 'assistant', tool_calls: {} }], 'messages[0].tool_calls'],
    [[{ role: 'assistant', thinking_blocks: 'x' }], 'messages[0].thinking_blocks'],
    [[{ role: 'assistant', function_call: {} }], 'messages[0].function_call'],
    [[{ role: 'robot', content: 'x' }], 'messages[0].role'],
    [[{ role: 'system', content: [{ type: 'image_url', image_url: 'https://a/b' }] }], 'messages[0].content[0]'],
    [[{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'ftp://x' } }] }], 'messages[0].content[0].image_url.url'],
    [[{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'data:;base64,xx' } }] }], 'messages[0].content[0].image_url.url'],
    [[{ role: 'user', content: [{ type: 'file', file: {} }] }], 'messages[0].content[0].file'],
    [[{ role: 'user', content: [{ type: 'file', file: { file_data: 'abc' } }] }], 'messages[0].content[0].file.file_data'],
  ])('refuses messages %j and names %s', (list, param) => {
    expect(() => decode({ messages: list })).toThrow(refusal('invalid_request', param));
  });

  it('refuses audio, which would be lost', () => {
    const content = [{ type: 'input_audio', input_audio: {} }];
    expect(() => decode({ messages: [{ role: 'user', content }] })).toThrow(refusal('unsupported_parameter', 'messages[0].content[0]'));
  });

  it.each([
    [{ tool_choice: 'maybe' }, 'invalid_request', 'tool_choice'],
    [{ tool_choice: { type: 'allowed_tools' } }, 'unsupported_parameter', 'tool_choice'],
    [{ tools: [{ type: 'function', function: { name: 'f', parameters: 'x' } }] }, 'invalid_request', 'tools[0].function.parameters'],
    [{ response_format: { type: 'json_schema' } }, 'invalid_request', 'response_format.json_schema.schema'],
    [{ response_format: { type: 'grammar' } }, 'unsupported_parameter', 'response_format'],
    [{ max_tokens: '5' }, 'invalid_request', 'max_tokens'],
    [{ stop: [1] }, 'invalid_request', 'stop[0]'],
    [{ reasoning_effort: 3 }, 'invalid_request', 'reasoning_effort'],
  ])('refuses %j', (request, code, param) => {
    expect(() => decode(request)).toThrow(refusal(code, param));
  });
});
