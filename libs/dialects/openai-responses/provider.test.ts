import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Exchange, ExchangeInput } from '../exchange.ts';
import { openFor } from '../test-exchange.ts';
import { expectSameWhereverCut, readPieces, RESPONSES_INPUT, sdk } from './test-responses.ts';

const fixture = (name: string): string => readFileSync(new URL(name, import.meta.url), 'utf8');
const STREAM = fixture('stream-reasoning-tools.sse');
const EVENTS = STREAM.split(/(?<=\n\n)/);

function open(request: object = {}, changes: Partial<ExchangeInput> = {}): Exchange {
  return openFor('openai-responses', request, { ...RESPONSES_INPUT, ...changes });
}

function sent(request: object = {}, changes: Partial<ExchangeInput> = {}): Record<string, unknown> {
  return JSON.parse(Buffer.from(open(request, changes).body).toString()) as Record<string, unknown>;
}

const run = (pieces: readonly (string | Uint8Array)[]) => readPieces(open(), pieces);

const event = (type: string, fields: object = {}): string => `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`;
const CREATED = event('response.created', { response: { model: 'm', status: 'in_progress' } });
const MESSAGE = {
  content: 'I look both up: Zürich und Genève.',
  tool_calls: [
    { id: 'call_A', type: 'function', function: { name: 'get_weather', arguments: '{"city":"Zürich","station":12345678901234567890}' } },
    { id: 'call_B', type: 'function', function: { name: 'list_stations', arguments: '{}' } },
  ],
};
const USAGE = { inputTokens: 1_112, cacheReadTokens: 1_000, cacheWriteTokens: 64, outputTokens: 89, reasoningTokens: 20 };

describe('a response for a chat client', () => {
  it('in one piece has text, reasoning, calls and usage as the openai SDK reads them', async () => {
    const decoded = open({}, { stream: false }).decodeAnswer(Buffer.from(fixture('answer-reasoning-tools.json')));
    expect(decoded).toMatchObject({ finishReason: 'tool_calls', usage: USAGE });
    const completion = await sdk(decoded.body, 'application/json').chat.completions.create({ model: 'm', messages: [] });
    expect(completion.model).toBe('gpt-5-mini-2026-08-07');
    expect(completion.choices[0]).toMatchObject({
      finish_reason: 'tool_calls',
      message: { ...MESSAGE, reasoning_content: 'Two cities.\n\nTwo calls.' },
    });
  });

  it('streamed says the same', async () => {
    const { text, error, done, decoder } = run([STREAM]);
    expect({ error, done }).toEqual({ error: undefined, done: true });
    expect(decoder).toMatchObject({ finishReason: 'tool_calls', usage: USAGE });
    const runner = sdk(text, 'text/event-stream').chat.completions.stream({ model: 'm', messages: [] });
    let reasoning = '';
    for await (const chunk of runner)
      reasoning += (chunk.choices[0]?.delta as { reasoning_content?: string } | undefined)?.reasoning_content ?? '';
    expect(reasoning).toBe('Two cities.\n\nTwo calls.');
    const { choices } = await runner.finalChatCompletion();
    expect(choices[0]).toMatchObject({ finish_reason: 'tool_calls', message: MESSAGE });
  });

  it('gives its encrypted reasoning back in the next turn', () => {
    const { body } = open({}, { stream: false }).decodeAnswer(Buffer.from(fixture('answer-reasoning-tools.json')));
    const { choices } = JSON.parse(Buffer.from(body).toString()) as { choices: { message: object }[] };
    const results = ['call_A', 'call_B'].map((id) => ({ role: 'tool', tool_call_id: id, content: 'ok' }));
    const messages = [{ role: 'user', content: 'x' }, choices[0]?.message, ...results];
    expect(sent({ messages })['input']).toMatchObject([
      { role: 'user' },
      { type: 'reasoning', id: 'rs_1', encrypted_content: 'gAAAAABo==' },
      { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: MESSAGE.content }] },
      { type: 'function_call', call_id: 'call_A', name: 'get_weather' },
      { type: 'function_call', call_id: 'call_B', name: 'list_stations' },
      { type: 'function_call_output', call_id: 'call_A', output: 'ok' },
      { type: 'function_call_output', call_id: 'call_B', output: 'ok' },
    ]);
  });

  it('streamed is the same wherever it is cut', () => {
    expectSameWhereverCut(STREAM, (pieces) => run(pieces).text);
  });

  it('that closes before response.completed is an error, never an end (P2)', () => {
    for (let count = 0; count < EVENTS.length - 1; count += 1) {
      expect(run(EVENTS.slice(0, count))).toMatchObject({ error: 'upstream_truncated', done: false });
    }
    expect(run([...EVENTS.slice(0, -1), 'data: [DONE]\n\n'])).toMatchObject({ error: 'upstream_truncated', done: false });
    expect(run([STREAM.trimEnd()])).toMatchObject({ error: undefined, done: true });
  });

  it('without deltas is read from its whole parts', () => {
    const item = { type: 'function_call', call_id: 'c', name: 'f', arguments: '{"a":1}' };
    const { text, done } = run([
      CREATED,
      event('response.output_text.done', { output_index: 0, text: 'whole' }),
      event('response.output_item.done', { output_index: 1, item }),
      event('response.completed', { response: { status: 'completed', output: [item] } }),
    ]);
    expect(done).toBe(true);
    expect(text).toContain('"content":"whole"');
    expect(text).toContain('"arguments":"{\\"a\\":1}"');
  });

  it('that ran out of tokens is of finish reason length', () => {
    const response = { status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' }, output: [] };
    expect(run([CREATED, event('response.incomplete', { response })]).decoder.finishReason).toBe('length');
    const filtered = { ...response, incomplete_details: { reason: 'content_filter' } };
    expect(run([CREATED, event('response.incomplete', { response: filtered })]).decoder.finishReason).toBe('content_filter');
  });

  const failedWith = (error: object): string => event('response.failed', { response: { status: 'failed', error } });
  it.each([
    ['a failed response', failedWith({ code: 'server_error', message: 'x' }), 'upstream_error'],
    ['a failed response without an error', event('response.failed', { response: {} }), 'upstream_error'],
    ['a completed event of a failed response', event('response.completed', { response: { status: 'failed' } }), 'upstream_error'],
    ['a rate limit', failedWith({ code: 'rate_limit_exceeded', message: 'Try again in 20s.' }), 'upstream_rate_limited'],
    ['a refused prompt', failedWith({ code: 'invalid_prompt', message: 'x' }), 'content_policy_violation'],
    ['a flat error event', event('error', { code: 'rate_limit_exceeded', message: 'x', param: null }), 'upstream_rate_limited'],
    ['a nested error event', event('error', { error: { type: 'server_error', code: null, message: 'x' } }), 'upstream_error'],
    ['an error without a name', 'data: {"error":{"code":"insufficient_quota","message":"x"}}\n\n', 'upstream_quota'],
    ['data that is not JSON', 'data: {"type"\n\n', 'upstream_invalid_response'],
    ['an event before the first', EVENTS[5] ?? '', 'upstream_invalid_response'],
  ])('fails on %s', (name, chunk, code) => {
    expect(run(name.endsWith('first') ? [chunk] : [CREATED, chunk, STREAM])).toMatchObject({ error: code, done: false });
  });

  it.each([
    ['<html></html>', 'upstream_invalid_response'],
    ['{"object":"response"}', 'upstream_invalid_response'],
    ['{"error":{"message":"slow","code":"rate_limit_exceeded"}}', 'upstream_rate_limited'],
    ['{"status":"failed","error":{"code":"server_error","message":"x"},"output":[]}', 'upstream_error'],
  ])('%s in a 200 is an error', (body, code) => {
    expect(() => open().decodeAnswer(Buffer.from(body))).toThrow(expect.objectContaining({ code }));
  });
});

describe('a chat request for a Responses provider', () => {
  it('is kept nowhere, and says all it can in the terms of the format', () => {
    const request = {
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'developer', content: 'Be kind.' },
        {
          role: 'user',
          content: [
            { type: 'text', text: 'What is this?' },
            { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } },
            { type: 'image_url', image_url: { url: 'https://example.com/a.png' } },
            { type: 'file', file: { filename: 'a.pdf', file_data: 'data:application/pdf;base64,BBBB' } },
          ],
        },
      ],
      max_completion_tokens: 100,
      temperature: 0.5,
      top_p: 0.9,
      tools: [{ type: 'function', function: { name: 'f', parameters: { type: 'object' } } }, { type: 'web_search' }],
      tool_choice: { type: 'function', function: { name: 'f' } },
      parallel_tool_calls: false,
      response_format: { type: 'json_schema', json_schema: { name: 'n', schema: { type: 'object' }, strict: true } },
      reasoning_effort: 'low',
      user: 'u'.repeat(100),
      service_tier: 'flex',
      brand_new: 1,
    };
    expect(sent(request)).toEqual({
      store: false,
      model: 'gpt-5-mini',
      instructions: 'Be brief.\n\nBe kind.',
      input: [
        {
          type: 'message',
          role: 'user',
          content: [
            { type: 'input_text', text: 'What is this?' },
            { type: 'input_image', image_url: 'data:image/png;base64,AAAA', detail: 'auto' },
            { type: 'input_image', image_url: 'https://example.com/a.png', detail: 'auto' },
            { type: 'input_file', filename: 'a.pdf', file_data: 'data:application/pdf;base64,BBBB' },
          ],
        },
      ],
      tools: [{ type: 'function', name: 'f', parameters: { type: 'object' }, strict: false }, { type: 'web_search' }],
      tool_choice: { type: 'function', name: 'f' },
      parallel_tool_calls: false,
      max_output_tokens: 100,
      temperature: 0.5,
      top_p: 0.9,
      text: { format: { type: 'json_schema', name: 'n', schema: { type: 'object' }, strict: true } },
      reasoning: { effort: 'low' },
      include: ['reasoning.encrypted_content'],
      user: expect.stringMatching(/^[\da-f]{64}$/) as string,
      service_tier: 'flex',
      brand_new: 1,
      stream: true,
    });
  });

  it.each(['gpt-4o', 'gpt-5-chat-latest', 'some-model'])('asks %s for no encrypted reasoning, which it would refuse', (upstreamModel) => {
    expect(sent({}, { upstreamModel })).not.toHaveProperty('include');
  });

  it.each(['seed', 'stop', 'frequency_penalty', 'top_k'])('with %s is refused by that name, or loses it under drop_params', (param) => {
    const request = { [param]: param === 'stop' ? ['x'] : 1 };
    expect(() => open(request)).toThrow(expect.objectContaining({ code: 'unsupported_parameter', param }));
    expect(open(request, { dropParams: true }).dropped).toEqual([param]);
  });

  it('names path and headers', () => {
    expect(open({}, { clientHeaders: { 'openai-project': 'p' } })).toMatchObject({
      path: '/responses',
      headers: { 'content-type': 'application/json', 'openai-project': 'p' },
    });
  });
});
