import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { everyCut, inPieces, openFor, sentTo, streamFrom } from '../test-exchange.ts';
import { toolCallId } from './tool-call-id.ts';

const sent = (request: object, changes = {}) => sentTo('mistral-chat', request, changes);
const STREAM = readFileSync(new URL('stream-thinking.sse', import.meta.url), 'utf8');
const TOOLS = [{ type: 'function', function: { name: 'f', parameters: { type: 'object' } } }];

describe('a request to Mistral', () => {
  it('has its own names and none of the fields it would refuse', () => {
    const body = sent(
      { seed: 7, user: 'u', max_completion_tokens: 9, stream: true, stream_options: { include_usage: true } },
      { stream: true },
    );
    expect(body).toEqual({ model: 'm-1', messages: [{ role: 'user', content: 'hi' }], random_seed: 7, max_tokens: 9, stream: true });
    expect(sent({ safe_prompt: true, prompt_mode: 'reasoning' })).toMatchObject({ safe_prompt: true, prompt_mode: 'reasoning' });
    expect(sent({ tools: TOOLS, tool_choice: 'required' })['tool_choice']).toBe('any');
    expect(sent({ tools: TOOLS, tool_choice: { type: 'function', function: { name: 'f' } } })['tool_choice']).toMatchObject({
      type: 'function',
    });
  });

  it('refuses what the format has no place for by the client’s name', () => {
    expect(() => sent({ top_k: 3 })).toThrow(expect.objectContaining({ code: 'unsupported_parameter', param: 'top_k' }));
    expect(() => sent({ service_tier: 'flex' })).toThrow(expect.objectContaining({ param: 'service_tier' }));
    expect(openFor('mistral-chat', { top_k: 3 }, { dropParams: true }).dropped).toEqual(['top_k']);
  });

  it('names a call and its result by the same nine characters, whoever named it before', () => {
    const calls = [{ id: 'call_00_long', type: 'function', function: { name: 'f', arguments: '{}' } }];
    const messages = [
      { role: 'user', content: 'hi' },
      { role: 'assistant', content: null, tool_calls: calls },
      { role: 'tool', tool_call_id: 'call_00_long', content: 'r' },
    ];
    const id = toolCallId('call_00_long');
    expect(id).toMatch(/^[a-zA-Z0-9]{9}$/);
    expect(sent({ messages })['messages']).toMatchObject([{}, { content: '', tool_calls: [{ id }] }, { tool_call_id: id, name: 'f' }]);
    expect(toolCallId('D681PevKs')).toBe('D681PevKs');
    const ids = Array.from({ length: 20_000 }, (_, index) => toolCallId(`call_${index}`));
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('carries documents by address or as bytes, pictures and sound', () => {
    const content = [
      { type: 'image_url', image_url: { url: 'https://x.example/a.png' } },
      { type: 'file', file: { file_data: 'https://x.example/a.pdf', filename: 'a.pdf' } },
      { type: 'file', file: { file_data: 'data:application/pdf;base64,QUJD', filename: 'b.pdf' } },
      { type: 'input_audio', input_audio: { data: 'QUJD', format: 'wav' } },
    ];
    expect(sent({ messages: [{ role: 'user', content }] })['messages']).toEqual([
      {
        role: 'user',
        content: [
          { type: 'image_url', image_url: { url: 'https://x.example/a.png' } },
          { type: 'document_url', document_url: 'https://x.example/a.pdf', document_name: 'a.pdf' },
          { type: 'document_url', document_url: 'data:application/pdf;base64,QUJD', document_name: 'b.pdf' },
          { type: 'input_audio', input_audio: 'QUJD' },
        ],
      },
    ]);
  });

  it('lets the model go on with a last turn of its own', () => {
    const messages = [
      { role: 'user', content: 'hi' },
      { role: 'assistant', content: 'Once' },
    ];
    expect(sent({ messages })['messages']).toMatchObject([{}, { role: 'assistant', content: 'Once', prefix: true }]);
  });

  it.each([
    ['mistral-small-latest', 'low', 'high'],
    ['mistral-small-latest', 'none', 'none'],
    ['mistral-large-2512', 'none', undefined],
    ['mistral-large-4-0', 'minimal', 'low'],
    ['mistral-large-4-0', 'xhigh', 'high'],
    ['magistral-medium-latest', 'high', undefined],
  ])('%s asked for effort %s is told %s', (upstreamModel, effort, told) => {
    expect(sent({ reasoning_effort: effort }, { upstreamModel })['reasoning_effort']).toBe(told);
  });

  it('gives its thinking back to a model that thinks, and to no other', () => {
    const messages = [
      { role: 'user', content: 'hi' },
      { role: 'assistant', content: 'A', reasoning_content: 'hm' },
      { role: 'user', content: 'more' },
    ];
    const thinking = { type: 'thinking', thinking: [{ type: 'text', text: 'hm' }] };
    expect(sent({ messages }, { upstreamModel: 'magistral-small-latest' })['messages']).toMatchObject([
      {},
      { content: [thinking, { type: 'text', text: 'A' }] },
      {},
    ]);
    expect(sent({ messages })['messages']).toMatchObject([{}, { content: 'A' }, {}]);
  });
});

describe('an answer of Mistral', () => {
  it('has its list of thinking and text told apart, and its cached tokens counted', () => {
    const content = [
      { type: 'thinking', thinking: [{ type: 'text', text: 'hm' }] },
      { type: 'text', text: 'A' },
    ];
    const usage = { prompt_tokens: 9, completion_tokens: 3, total_tokens: 12, num_cached_tokens: 4 };
    const answer = {
      id: 'x',
      model: 'magistral',
      choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }],
      usage,
    };
    const decoded = openFor('mistral-chat', {}).decodeAnswer(Buffer.from(JSON.stringify(answer)));
    expect(JSON.parse(Buffer.from(decoded.body).toString())).toMatchObject({
      choices: [{ message: { content: 'A', reasoning_content: 'hm' } }],
    });
    expect(decoded.usage).toMatchObject({ inputTokens: 9, cacheReadTokens: 4, outputTokens: 3 });
  });

  it('is the same stream wherever it is cut', () => {
    const open = () => openFor('mistral-chat', {}, { stream: true });
    const whole = streamFrom(open(), [STREAM]);
    expect(whole).toMatchObject({ error: undefined, done: true });
    expect(whole.text).toContain('"reasoning_content":"Zwei "');
    expect(whole.text).toContain('"finish_reason":"tool_calls"');
    for (const pieces of everyCut(STREAM)) expect(streamFrom(open(), pieces)).toEqual(whole);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), (size) => {
        expect(streamFrom(open(), inPieces(STREAM, size))).toEqual(whole);
      }),
    );
  });

  it('that breaks off is not a whole one', () => {
    const cut = STREAM.slice(0, STREAM.indexOf('"finish_reason":"tool_calls"'));
    expect(streamFrom(openFor('mistral-chat', {}, { stream: true }), [cut])).toMatchObject({
      done: false,
      error: { code: 'upstream_truncated' },
    });
  });
});
