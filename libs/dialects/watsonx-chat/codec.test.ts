import { describe, expect, it } from 'vitest';
import { everyCut, openFor, sentTo, streamFrom } from '../test-exchange.ts';

const MODEL = { upstreamModel: 'ibm/granite-4-h-small' };
const sent = (request: object, changes = {}) => sentTo('watsonx-chat', request, { ...MODEL, ...changes });
const TOOLS = [{ type: 'function', function: { name: 'f', parameters: { type: 'object' }, strict: true } }];
const chunk = (id: number, choice: object, rest: object = {}) =>
  `id: ${id}\nevent: message\ndata: ${JSON.stringify({ id: 'chat-1', model_id: MODEL.upstreamModel, choices: [{ index: 0, ...choice }], ...rest })}\n\n`;
const STREAM = [
  chunk(1, { delta: { role: 'assistant', content: '' }, finish_reason: null }),
  chunk(2, { delta: { content: 'Grüß ' }, finish_reason: null }),
  chunk(3, { delta: { content: 'dich 👋' }, finish_reason: null }),
  chunk(4, { delta: { content: '' }, finish_reason: 'stop' }),
  `id: 5\nevent: message\ndata: ${JSON.stringify({ choices: [], usage: { prompt_tokens: 9, completion_tokens: 4, total_tokens: 13 } })}\n\n`,
].join('');

describe('a request to watsonx.ai', () => {
  it('names the model and the project in the body, and streams by its address', () => {
    const defaultParams = { project_id: 'p1' };
    expect(sent({ stream: true, user: 'u' }, { stream: true, defaultParams })).toEqual({
      model_id: MODEL.upstreamModel,
      project_id: 'p1',
      messages: [{ role: 'user', content: 'hi' }],
    });
    expect(openFor('watsonx-chat', {}, MODEL).path).toBe('/ml/v1/text/chat');
    expect(openFor('watsonx-chat', {}, { ...MODEL, stream: true }).path).toBe('/ml/v1/text/chat_stream');
  });

  it('leaves model and project to a deployment that has its own', () => {
    const changes = { upstreamModel: 'deployment/d-1', defaultParams: { project_id: 'p1', space_id: 's1' } };
    expect(sent({}, changes)).toEqual({ messages: [{ role: 'user', content: 'hi' }] });
    expect(openFor('watsonx-chat', {}, { ...changes, stream: true }).path).toBe('/ml/v1/deployments/d-1/text/chat_stream');
  });

  it('has a mode of tool choice and a chosen tool in two fields', () => {
    const tools = [{ type: 'function', function: { name: 'f', parameters: { type: 'object' } } }];
    expect(sent({ tools: TOOLS, tool_choice: 'required' })).toMatchObject({ tools, tool_choice_option: 'required' });
    const named = sent({ tools: TOOLS, tool_choice: { type: 'function', function: { name: 'f' } } });
    expect(named).toMatchObject({ tool_choice: { function: { name: 'f' } } });
    expect(named).not.toHaveProperty('tool_choice_option');
  });

  it('passes on what the client knows of it and refuses the rest by name', () => {
    expect(sent({ time_limit: 1_000, guided_regex: 'a+', reasoning_effort: 'low' })).toMatchObject({
      time_limit: 1_000,
      guided_regex: 'a+',
      reasoning_effort: 'low',
    });
    expect(() => sent({ tools: TOOLS, parallel_tool_calls: false })).toThrow(expect.objectContaining({ param: 'parallel_tool_calls' }));
    const file = { type: 'file', file: { file_data: 'data:application/pdf;base64,QUJD', filename: 'b.pdf' } };
    expect(() => sent({ messages: [{ role: 'user', content: [file] }] })).toThrow(
      expect.objectContaining({ code: 'invalid_request', retry: 'elsewhere' }),
    );
  });
});

describe('an answer of watsonx.ai', () => {
  it('that ran out of its time limit was cut', () => {
    const answer = { model_id: 'x', choices: [{ index: 0, message: { content: 'Half' }, finish_reason: 'time_limit' }] };
    expect(openFor('watsonx-chat', {}, MODEL).decodeAnswer(Buffer.from(JSON.stringify(answer))).finishReason).toBe('length');
  });

  it('names the model that was asked when it names none the client’s way', () => {
    expect(streamFrom(openFor('watsonx-chat', {}, { ...MODEL, stream: true }), [STREAM]).text).toContain(
      `"model":"${MODEL.upstreamModel}"`,
    );
  });

  it('is the same stream wherever it is cut, whole without an end marker, and cut short before its finish reason', () => {
    const open = () => openFor('watsonx-chat', {}, { ...MODEL, stream: true });
    const whole = streamFrom(open(), [STREAM]);
    expect(whole).toMatchObject({ error: undefined, done: true });
    for (const pieces of everyCut(STREAM)) expect(streamFrom(open(), pieces)).toEqual(whole);
    expect(streamFrom(open(), [STREAM.slice(0, STREAM.indexOf('id: 4'))])).toMatchObject({
      done: false,
      error: { code: 'upstream_truncated' },
    });
  });

  it('may speak of "errors" without being one', () => {
    const text = chunk(2, { delta: { content: 'the "errors" member' }, finish_reason: 'stop' });
    expect(streamFrom(openFor('watsonx-chat', {}, { ...MODEL, stream: true }), [text])).toMatchObject({ error: undefined, done: true });
  });
});
