import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { everyCut, inPieces, openFor, sentTo, streamFrom } from '../test-exchange.ts';

const sent = (request: object, changes = {}) => sentTo('ollama-chat', request, changes);
const tool = (name: string) => ({ type: 'function', function: { name, parameters: { type: 'object' } } });
const line = (message: object, rest: object = {}) =>
  `${JSON.stringify({ model: 'qwen3', created_at: '2026-01-01T00:00:00.123456789Z', message: { role: 'assistant', content: '', ...message }, done: false, ...rest })}\n`;
const END = line({}, { done: true, done_reason: 'stop', prompt_eval_count: 9, eval_count: 4 });
const CALLS = [{ function: { name: 'f', arguments: { id: 1 } } }, { function: { name: 'f', arguments: {} } }];
const STREAM = line({ thinking: 'Köln? ' }) + line({ content: 'Grüß dich 👋' }) + line({ tool_calls: CALLS }) + END;

describe('a request to Ollama', () => {
  it('has its settings in options, where the client’s own go first', () => {
    const body = sent({ max_tokens: 9, temperature: 0, seed: 7, stop: 'x', options: { num_ctx: 4_096, seed: 8 }, keep_alive: '5m' });
    expect(body).toMatchObject({
      stream: false,
      keep_alive: '5m',
      options: { num_predict: 9, temperature: 0, seed: 8, stop: ['x'], num_ctx: 4_096 },
    });
  });

  it('has schemas as they are, and thinking as a switch or a level', () => {
    const schema = { type: 'object', properties: {} };
    expect(sent({ response_format: { type: 'json_schema', json_schema: { name: 'n', schema } } })['format']).toEqual(schema);
    expect(sent({ response_format: { type: 'json_object' } })['format']).toBe('json');
    expect(
      [sent({ reasoning_effort: 'none' }), sent({ reasoning_effort: 'low' }), sent({ think: 'max' })].map((body) => body['think']),
    ).toEqual([false, 'low', 'max']);
  });

  it('can’t require a call, so that is refused; one tool is chosen by offering no other', () => {
    const tools = [tool('f'), tool('g')];
    expect(() => sent({ tools, tool_choice: 'required' })).toThrow(
      expect.objectContaining({ code: 'unsupported_parameter', param: 'tool_choice' }),
    );
    expect(sent({ tools, tool_choice: { type: 'function', function: { name: 'g' } } })['tools']).toMatchObject([
      { function: { name: 'g' } },
    ]);
    expect(sent({ tools, tool_choice: 'none' })).not.toHaveProperty('tools');
  });

  it('tells results apart by the names of their functions, and gives arguments as objects', () => {
    const calls = [{ id: 'c1', type: 'function', function: { name: 'f', arguments: '{"id":12345678901234567890}' } }];
    const messages = [
      { role: 'assistant', content: null, tool_calls: calls },
      { role: 'tool', tool_call_id: 'c1', content: 'r' },
    ];
    const body = Buffer.from(openFor('ollama-chat', { messages }).body).toString();
    expect(body).toContain('"arguments":{"id":12345678901234567890}');
    expect(body).toContain('"tool_name":"f"');
  });

  it('has pictures as bare base64, and fetched ones where the client gave an address', () => {
    const url = 'https://x.example/a.png';
    const ask = (address: string, changes = {}) =>
      sent({ messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: address } }] }] }, changes)['messages'];
    expect(ask('data:image/png;base64,QUJD')).toEqual([{ role: 'user', content: '', images: ['QUJD'] }]);
    expect(ask(url, { fetchedMedia: new Map([[url, { mediaType: 'image/png', data: 'QUJE' }]]) })).toEqual([
      { role: 'user', content: '', images: ['QUJE'] },
    ]);
  });
});

describe('an answer of Ollama', () => {
  it('is the same stream wherever it is cut, with calls that have names of their own', () => {
    const open = () => openFor('ollama-chat', {}, { stream: true });
    const whole = streamFrom(open(), [STREAM]);
    expect(whole).toMatchObject({ error: undefined, done: true });
    expect(new Set([...whole.text.matchAll(/"id":"(call_[^"]+)"/g)].map((match) => match[1])).size).toBe(2);
    for (const pieces of everyCut(STREAM)) expect(streamFrom(open(), pieces)).toEqual(whole);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), (size) => {
        expect(streamFrom(open(), inPieces(STREAM, size))).toEqual(whole);
      }),
    );
  });

  it('that stops without `done` was cut, and an error line ends it at once', () => {
    const open = () => openFor('ollama-chat', {}, { stream: true });
    expect(streamFrom(open(), [STREAM.replace(END, '')])).toMatchObject({ done: false, error: { code: 'upstream_truncated' } });
    expect(streamFrom(open(), [line({ content: 'x' }), '{"error":"unexpected EOF"}\n', END])).toMatchObject({
      done: false,
      error: { code: 'upstream_error' },
    });
  });
});
