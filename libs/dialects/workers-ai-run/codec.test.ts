import { describe, expect, it } from 'vitest';
import { everyCut, openFor, sentTo, streamFrom } from '../test-exchange.ts';

const MODEL = { upstreamModel: '@cf/meta/llama-3.1-8b-instruct' };
const sent = (request: object, changes = {}) => sentTo('workers-ai-run', request, { ...MODEL, ...changes });
const open = (stream = true) => openFor('workers-ai-run', {}, { ...MODEL, stream });
const tool = (name: string) => ({ type: 'function', function: { name, parameters: { type: 'object' } } });
const sse = (...chunks: readonly object[]) => chunks.map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`).join('');
const DONE = 'data: [DONE]\n\n';
const NATIVE = sse(
  { response: 'Grüß ', p: 'ab' },
  { response: 'dich 👋', p: 'abc' },
  { response: '', tool_calls: [{ name: 'f', arguments: { a: 1 } }] },
  { response: '', tool_calls: [{ id: null, name: null, arguments: null }] },
  { response: '', usage: { prompt_tokens: 9, completion_tokens: 4, total_tokens: 13 } },
);

describe('a request to Workers AI', () => {
  it('has the model in its address and the schema without a wrapper', () => {
    const schema = { type: 'object', properties: {} };
    const body = sent({
      user: 'u',
      max_tokens: 9,
      response_format: { type: 'json_schema', json_schema: { name: 'n', schema } },
      lora: 'x',
    });
    expect(body).toEqual({
      messages: [{ role: 'user', content: 'hi' }],
      max_tokens: 9,
      lora: 'x',
      response_format: { type: 'json_schema', json_schema: schema },
    });
    expect(open().path).toBe('/run/@cf/meta/llama-3.1-8b-instruct');
    expect(openFor('workers-ai-run', {}, { upstreamModel: '@cf/a?b/../c' }).path).toBe('/run/@cf/a%3Fb/../c');
  });

  it('chooses a tool by offering no other, and never says null', () => {
    const named = sent({ tools: [tool('f'), tool('g')], tool_choice: { type: 'function', function: { name: 'g' } } });
    expect(named).toMatchObject({ tools: [tool('g')], tool_choice: 'required' });
    const calls = [{ id: 'c1', type: 'function', function: { name: 'f', arguments: '{}' } }];
    const messages = [
      { role: 'assistant', content: null, tool_calls: calls },
      { role: 'tool', tool_call_id: 'c1', content: 'r' },
    ];
    expect(sent({ messages })['messages']).toMatchObject([
      { content: '', tool_calls: [{ id: 'c1' }] },
      { role: 'tool', name: 'f', content: 'r' },
    ]);
  });

  it('refuses what the format has no place for by name', () => {
    expect(() => sent({ stop: ['x'] })).toThrow(expect.objectContaining({ code: 'unsupported_parameter', param: 'stop' }));
  });
});

describe('an answer of Workers AI', () => {
  const decode = (answer: object) => {
    const { body, usage, finishReason } = open(false).decodeAnswer(Buffer.from(JSON.stringify(answer)));
    return { answer: JSON.parse(Buffer.from(body).toString()) as object, usage, finishReason };
  };

  it('is read from its wrapper, in the native shape and in OpenAI’s', () => {
    const usage = { prompt_tokens: 9, completion_tokens: 4, total_tokens: 13 };
    const native = { response: null, tool_calls: [{ name: 'f', arguments: { a: 1 } }], usage };
    const calls = [{ id: 'c1', function: { name: 'f', arguments: '{"a":1}' } }];
    const completion = { choices: [{ index: 0, message: { content: null, tool_calls: calls }, finish_reason: 'tool_calls' }], usage };
    for (const result of [native, completion]) {
      const decoded = decode({ result, success: true, errors: [] });
      expect(decoded).toMatchObject({ finishReason: 'tool_calls', usage: { inputTokens: 9, outputTokens: 4 } });
      expect(decoded.answer).toMatchObject({
        model: MODEL.upstreamModel,
        choices: [{ message: { tool_calls: [{ function: { name: 'f', arguments: '{"a":1}' } }] } }],
      });
    }
  });

  it('to a schema is the object’s text, and one without a wrapper is an answer too', () => {
    expect(decode({ result: { response: { a: 1 } }, success: true }).answer).toMatchObject({
      choices: [{ message: { content: '{"a":1}' } }],
    });
    expect(decode({ response: 'hi' }).answer).toMatchObject({ choices: [{ message: { content: 'hi' } }] });
    expect(() => decode({ success: true })).toThrow(expect.objectContaining({ code: 'upstream_invalid_response' }));
    expect(() => decode({ success: false, errors: [{ code: 3040, message: 'x' }] })).toThrow(
      expect.objectContaining({ code: 'upstream_overloaded' }),
    );
  });

  it('is the same stream wherever it is cut', () => {
    const whole = streamFrom(open(), [NATIVE + DONE]);
    expect(whole).toMatchObject({ error: undefined, done: true });
    expect(whole.text).toContain('"finish_reason":"tool_calls"');
    expect(whole.text.match(/"name":"f"/g)).toHaveLength(1);
    for (const pieces of everyCut(NATIVE + DONE)) expect(streamFrom(open(), pieces)).toEqual(whole);
  });

  it('that ends without its end marker was cut, in either shape', () => {
    expect(streamFrom(open(), [NATIVE])).toMatchObject({ done: false, error: { code: 'upstream_truncated' } });
    const completion = sse({ choices: [{ index: 0, delta: { content: 'x' }, finish_reason: null }] });
    expect(streamFrom(open(), [completion + DONE])).toMatchObject({ done: false, error: { code: 'upstream_truncated' } });
  });
});
