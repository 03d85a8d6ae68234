import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { everyCut, inPieces, openFor, sentTo, streamFrom } from '../test-exchange.ts';

const sent = (request: object, changes = {}) => sentTo('cohere-chat', request, changes);
const STREAM = readFileSync(new URL('stream-thinking-tools.sse', import.meta.url), 'utf8');
const tool = (name: string, strict?: boolean) => ({ type: 'function', function: { name, parameters: { type: 'object' }, strict } });

describe('a request to Cohere', () => {
  it('has its own names, and the client’s words for what is Cohere’s alone', () => {
    const body = sent({ top_p: 0.5, top_k: 3, stop: 'x', max_completion_tokens: 9, documents: ['d'], safety_mode: 'OFF' });
    expect(body).toMatchObject({
      model: 'm-1',
      p: 0.5,
      k: 3,
      stop_sequences: ['x'],
      max_tokens: 9,
      documents: ['d'],
      safety_mode: 'OFF',
      stream: false,
    });
  });

  it('chooses a tool by offering no other', () => {
    const tools = [tool('f', true), tool('g')];
    expect(sent({ tools, tool_choice: 'required' })).toMatchObject({ tool_choice: 'REQUIRED', strict_tools: true });
    expect(sent({ tools, tool_choice: 'none' })).toMatchObject({ tool_choice: 'NONE' });
    expect(sent({ tools, tool_choice: { type: 'function', function: { name: 'g' } } })).toMatchObject({
      tools: [{ function: { name: 'g' } }],
      tool_choice: 'REQUIRED',
    });
  });

  it('thinks by a budget', () => {
    expect(sent({ reasoning_effort: 'none' })['thinking']).toEqual({ type: 'disabled' });
    expect(sent({ reasoning_effort: 'low' })['thinking']).toEqual({ type: 'enabled', token_budget: 1_024 });
    expect(sent({ thinking: { type: 'enabled', budget_tokens: 2_000 } })['thinking']).toEqual({ type: 'enabled', token_budget: 2_000 });
  });

  it('gives what was said beside a call back as its plan', () => {
    const calls = [{ id: 'f_1', type: 'function', function: { name: 'f', arguments: '{}' } }];
    const messages = [
      { role: 'assistant', content: 'I will ask.', tool_calls: calls },
      { role: 'tool', tool_call_id: 'f_1', content: 'r' },
    ];
    expect(sent({ messages })['messages']).toMatchObject([
      { tool_plan: 'I will ask.', tool_calls: [{ id: 'f_1' }] },
      { role: 'tool', tool_call_id: 'f_1' },
    ]);
  });

  it('carries pictures by address, text documents as text, and refuses other files', () => {
    const ask = (...content: readonly object[]) => sent({ messages: [{ role: 'user', content }] })['messages'];
    const picture = { type: 'image_url', image_url: { url: 'https://x.example/a.png' } };
    expect(ask(picture)).toEqual([{ role: 'user', content: [picture] }]);
    const file = (type: string) => ({ type: 'file', file: { file_data: `data:${type};base64,QUJD`, filename: 'a' } });
    expect(ask(file('text/plain'))).toEqual([{ role: 'user', content: [{ type: 'text', text: 'a\n\nABC' }] }]);
    expect(() => ask(file('application/pdf'))).toThrow(expect.objectContaining({ code: 'invalid_request', retry: 'elsewhere' }));
  });

  it('refuses what the format has no place for by name', () => {
    expect(() => sent({ tools: [tool('f')], parallel_tool_calls: false })).toThrow(
      expect.objectContaining({ param: 'parallel_tool_calls' }),
    );
    expect(() => sent({ service_tier: 'flex' })).toThrow(expect.objectContaining({ param: 'service_tier' }));
  });
});

describe('an answer of Cohere', () => {
  it('names the model that was asked, and counts what is billed', () => {
    const usage = { billed_units: { input_tokens: 5, output_tokens: 2 }, tokens: { input_tokens: 70, output_tokens: 2 } };
    const answer = { id: 'x', finish_reason: 'COMPLETE', message: { role: 'assistant', content: [{ type: 'text', text: 'A' }] }, usage };
    const decoded = openFor('cohere-chat', {}).decodeAnswer(Buffer.from(JSON.stringify(answer)));
    expect(JSON.parse(Buffer.from(decoded.body).toString())).toMatchObject({ model: 'm-1', choices: [{ message: { content: 'A' } }] });
    expect(decoded.usage).toMatchObject({ inputTokens: 5, outputTokens: 2 });
  });

  it.each([
    ['ERROR', 'upstream_error'],
    ['TIMEOUT', 'upstream_timeout'],
  ])('that ended as %s is a failure', (reason, code) => {
    const answer = { finish_reason: reason, message: { content: [] } };
    expect(() => openFor('cohere-chat', {}).decodeAnswer(Buffer.from(JSON.stringify(answer)))).toThrow(expect.objectContaining({ code }));
  });

  it('is the same stream wherever it is cut, and never whole without its end', () => {
    const open = () => openFor('cohere-chat', {}, { stream: true });
    const whole = streamFrom(open(), [STREAM]);
    expect(whole).toMatchObject({ error: undefined, done: true });
    expect(whole.text).toContain('"arguments":"{}"');
    expect(whole.text).toContain('"model":"m-1"');
    for (const pieces of everyCut(STREAM)) expect(streamFrom(open(), pieces)).toEqual(whole);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), (size) => {
        expect(streamFrom(open(), inPieces(STREAM, size))).toEqual(whole);
      }),
    );
    const cut = STREAM.slice(0, STREAM.indexOf('event: message-end'));
    expect(streamFrom(open(), [cut])).toMatchObject({ done: false, error: { code: 'upstream_truncated' } });
  });
});
