import { describe, expect, it } from 'vitest';
import { packToolCallId } from '../conversation/signature.ts';
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

  it('takes recordings, and refuses one without its format', () => {
    const decodeAudio = (audio: object) => decode({ messages: [{ role: 'user', content: [{ type: 'input_audio', input_audio: audio }] }] });
    expect(decodeAudio({ data: 'AAAA', format: 'mp3' }).request.messages[0]?.parts).toMatchObject([
      { type: 'media', source: { kind: 'base64', mediaType: 'audio/mpeg', data: 'AAAA' }, at: 'messages[0].content[0]' },
    ]);
    expect(() => decodeAudio({ data: 'AAAA' })).toThrow(refusal('invalid_request', 'messages[0].content[0].input_audio'));
  });

  it.each([
    [{ thinking: { type: 'enabled', budget_tokens: 2_000 } }, { reasoningBudget: 2_000, reasoningEffort: undefined }],
    [
      { thinking: { type: 'enabled', budget_tokens: 2_000 }, reasoning_effort: 'low' },
      { reasoningBudget: 2_000, reasoningEffort: 'low' },
    ],
    [{ thinking: { type: 'disabled' } }, { reasoningBudget: undefined, reasoningEffort: 'none' }],
    [{ thinking: { type: 'adaptive' } }, { reasoningBudget: undefined, reasoningEffort: undefined }],
  ])('reads %j for models of any maker and keeps it for Claude', (request, expected) => {
    const decoded = decode(request).request;
    expect(decoded).toMatchObject({ ...expected, thinking: request.thinking });
    expect(decoded.extra).toEqual({});
  });

  it('keeps name and strictness of a schema', () => {
    const json_schema = { name: 'shape', strict: true, schema: { type: 'object' } };
    expect(decode({ response_format: { type: 'json_schema', json_schema } }).request.outputFormat).toEqual({
      type: 'json-schema',
      name: 'shape',
      strict: true,
      schema: { type: 'object' },
    });
  });

  it('finds the signature in the id of a call, and the call that a result answers', () => {
    const signature = { issuer: 'google', value: 'abc' } as const;
    const id = packToolCallId('c1', signature);
    const messages = [USER, { role: 'assistant', tool_calls: [call(id)] }, { role: 'tool', tool_call_id: id, content: 'x' }];
    expect(decode({ messages }).request.messages).toMatchObject([{}, { toolCalls: [{ id: 'c1', signature }] }, { toolCallId: 'c1' }]);
  });

  it('takes reasoning text where there are no signed blocks', () => {
    const blocks = [{ type: 'thinking', thinking: 't', signature: 's' }];
    const reasoningOf = (message: object) => decode({ messages: [{ role: 'assistant', content: 'a', ...message }] }).request.messages[0];
    expect(reasoningOf({ reasoning_content: 'hm' })).toMatchObject({ reasoning: [{ type: 'plain', text: 'hm' }] });
    expect(reasoningOf({ reasoning: 'hm' })).toMatchObject({ reasoning: [{ type: 'plain', text: 'hm' }] });
    expect(reasoningOf({ reasoning_content: 't', thinking_blocks: blocks })).toMatchObject({ reasoning: [{ type: 'signed', text: 't' }] });
  });

  it('names what it drops when told to', () => {
    const options = { stream: false, dropParams: true, defaultParams: {}, unsupportedParams: ['seed'] };
    const { dropped } = decodeRequest({ messages: [USER], seed: 1, logit_bias: { 1: 2 }, n: 1, store: false }, options);
    expect(dropped).toEqual(['seed', 'logit_bias']);
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
