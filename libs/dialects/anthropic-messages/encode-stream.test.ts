import Anthropic from '@anthropic-ai/sdk';
import { describe, expect, it } from 'vitest';
import { NO_USAGE } from '#contracts';
import type { ConversationEvent } from '../conversation/stream-event.ts';
import { fastestMs } from '../test-fastest.ts';
import { createStreamEncoder } from './encode-stream.ts';
import { encodeResponse } from './encode-response.ts';

const CONTEXT = { answerId: '1', createdAt: 1_790_000_000, includeUsage: true };
const START: ConversationEvent = { type: 'start', model: 'gpt-x' };
const USAGE: ConversationEvent = {
  type: 'usage',
  usage: {
    ...NO_USAGE,
    inputTokens: 100,
    cacheReadTokens: 60,
    cacheWriteTokens: 10,
    cacheWrite1hTokens: 5,
    outputTokens: 7,
    reasoningTokens: 3,
  },
};
const end = (reason: 'stop' | 'length' | 'tool_calls' | 'content_filter'): ConversationEvent => ({ type: 'finish', reason });
const call = (index: number): ConversationEvent => ({ type: 'tool-call', index, id: `c${index}`, name: `f${index}` });
const args = (index: number, text: string): ConversationEvent => ({ type: 'tool-arguments', index, text });

function encode(events: readonly ConversationEvent[]): string {
  const encoder = createStreamEncoder(CONTEXT);
  return events.map(encoder).join('');
}

const parse = (text: string) =>
  text
    .split('\n\n')
    .filter(Boolean)
    .map((event) => JSON.parse(event.slice(event.indexOf('data: ') + 6)) as Record<string, unknown>);

function client(body: string | Uint8Array, contentType: string): Anthropic {
  const answer = (): Promise<Response> => Promise.resolve(new Response(Buffer.from(body), { headers: { 'content-type': contentType } }));
  return new Anthropic({ apiKey: 'sk-test', baseURL: 'http://127.0.0.1:1', maxRetries: 0, fetch: answer });
}
const PARAMS = { model: 'm', max_tokens: 9, messages: [{ role: 'user' as const, content: 'hi' }] };

/** What the official SDK makes of the events, and the kinds it heard of block by block. */
async function accumulate(events: readonly ConversationEvent[]) {
  const blocks: string[] = [];
  const stream = client(encode(events), 'text/event-stream').messages.stream(PARAMS);
  stream.on('contentBlock', (block) => blocks.push(block.type));
  return { message: await stream.finalMessage(), blocks };
}

/** Blocks begin, get deltas and end one after the other, counted from 0. */
function expectSequence(text: string): void {
  let open: unknown;
  let next = 0;
  for (const event of parse(text)) {
    if (event['type'] === 'content_block_start') {
      expect(open).toBeUndefined();
      expect(event['index']).toBe(next);
      open = event['index'];
      next += 1;
    } else if (event['type'] === 'content_block_delta') expect(event['index']).toBe(open);
    else if (event['type'] === 'content_block_stop') {
      expect(event['index']).toBe(open);
      open = undefined;
    }
  }
  expect(open).toBeUndefined();
}

describe('a streamed answer for a Messages client', () => {
  it('is accumulated by the official SDK: thinking with signature, redacted thinking, text, calls, usage', async () => {
    const events: ConversationEvent[] = [
      START,
      { type: 'reasoning', text: 'Two ' },
      { type: 'reasoning', text: 'steps.' },
      { type: 'reasoning-block', block: { type: 'signed', text: 'Two steps.', signature: { issuer: 'claude', value: 'c2ln' } } },
      { type: 'reasoning-block', block: { type: 'redacted', data: 'enc' } },
      { type: 'text', text: 'I ' },
      { type: 'text', text: 'look.' },
      call(0),
      args(0, '{"city":'),
      args(0, '"Zürich"}'),
      call(1),
      USAGE,
      end('tool_calls'),
    ];
    expectSequence(encode(events));
    const { message, blocks } = await accumulate(events);
    expect(message).toMatchObject({
      id: 'msg_1',
      type: 'message',
      role: 'assistant',
      model: 'gpt-x',
      content: [
        { type: 'thinking', thinking: 'Two steps.', signature: 'c2ln' },
        { type: 'redacted_thinking', data: 'enc' },
        { type: 'text', text: 'I look.' },
        { type: 'tool_use', id: 'c0', name: 'f0', input: { city: 'Zürich' } },
        { type: 'tool_use', id: 'c1', name: 'f1', input: {} },
      ],
      stop_reason: 'tool_use',
      stop_sequence: null,
      usage: {
        input_tokens: 25,
        cache_read_input_tokens: 60,
        cache_creation_input_tokens: 15,
        output_tokens: 7,
        output_tokens_details: { thinking_tokens: 3 },
      },
    });
    expect(blocks).toEqual(['thinking', 'redacted_thinking', 'text', 'tool_use', 'tool_use']);
  });

  it('has the input tokens in message_start when they are known by then, else zeros', () => {
    const [first] = parse(encode([START, end('stop')]));
    expect(first).toMatchObject({
      type: 'message_start',
      message: { content: [], stop_reason: null, usage: { input_tokens: 0, output_tokens: 0 } },
    });
    expect(parse(encode([USAGE, START, end('stop')]))[0]).toMatchObject({ message: { usage: { input_tokens: 25 } } });
  });

  it('signs what another model reasoned so that it can be given back to that one', async () => {
    const block = { type: 'encrypted', id: 'rs_1', summary: 'sum', data: 'enc' } as const;
    const { message } = await accumulate([
      START,
      { type: 'reasoning-block', block },
      { type: 'reasoning', text: 'plain' },
      { type: 'text', text: 'x' },
      end('stop'),
    ]);
    expect(message.content).toMatchObject([
      { type: 'thinking', thinking: 'sum', signature: 'hr1.gpt.rs_1.enc' },
      { type: 'thinking', thinking: 'plain', signature: '' },
      { type: 'text' },
    ]);
  });

  it('gives calls that a provider streams side by side one after the other', async () => {
    const events = [
      START,
      call(0),
      call(1),
      call(2),
      args(1, '{"b":'),
      args(0, '{"a":1'),
      args(1, '2}'),
      args(0, '}'),
      args(2, '{"c":3}'),
      end('stop'),
    ];
    expectSequence(encode(events));
    const { message } = await accumulate(events);
    expect(message.content).toMatchObject([
      { id: 'c0', input: { a: 1 } },
      { id: 'c1', input: { b: 2 } },
      { id: 'c2', input: { c: 3 } },
    ]);
    expect(message.stop_reason).toBe('tool_use');
  });

  it('streams arguments as they come when calls follow one another', () => {
    const encoder = createStreamEncoder(CONTEXT);
    encoder(START);
    for (const index of [0, 1]) {
      expect(encoder(call(index))).toContain(`"c${index}"`);
      expect(encoder(args(index, '{"a"'))).toContain('input_json_delta');
      expect(encoder(args(index, ':1}'))).toContain('input_json_delta');
    }
  });

  it('refuses arguments of a call that is over', () => {
    expect(() => encode([START, call(0), args(0, '{}'), { type: 'text', text: 'x' }, args(0, 'y')])).toThrow(
      expect.objectContaining({ code: 'upstream_invalid_response' }),
    );
  });

  it.each([
    ['stop', 'end_turn'],
    ['length', 'max_tokens'],
    ['content_filter', 'refusal'],
    ['tool_calls', 'end_turn'],
  ] as const)('that ends by %s without calls has the stop reason %s', async (reason, stopReason) => {
    const { message } = await accumulate([START, { type: 'text', text: 'x' }, end(reason)]);
    expect(message.stop_reason).toBe(stopReason);
  });

  it('shows a picture that a model made, which the format has no block for', () => {
    const picture: ConversationEvent = { type: 'text', text: '', image: { mediaType: 'image/png', data: 'cG5n' } };
    expect(encode([START, picture, end('stop')])).toContain('![](data:image/png;base64,cG5n)');
  });

  it('costs less than 20 µs per chunk', () => {
    const encoder = createStreamEncoder(CONTEXT);
    encoder(START);
    const event: ConversationEvent = { type: 'text', text: 'some words ' };
    const thousand = (): void => {
      for (let count = 0; count < 1_000; count += 1) encoder(event);
    };
    expect(fastestMs(thousand)).toBeLessThan(20);
  });
});

describe('a whole answer for a Messages client', () => {
  const answer = { model: 'gpt-x', text: 'hi', reasoning: [], toolCalls: [], finishReason: 'stop', usage: USAGE.usage } as const;

  it('is a message as the official SDK reads it', async () => {
    const toolCalls = [
      { id: 'c1', name: 'f', argumentsText: '{"n":12345678901234567890}', signature: { issuer: 'google', value: 's' } as const },
    ];
    const body = encodeResponse({ ...answer, toolCalls, reasoning: [{ type: 'plain', text: 'why' }] }, CONTEXT);
    expect(Buffer.from(body).toString()).toContain('12345678901234567890');
    const message = await client(body, 'application/json').messages.create(PARAMS);
    expect(message).toMatchObject({
      id: 'msg_1',
      type: 'message',
      content: [
        { type: 'thinking', thinking: 'why', signature: '' },
        { type: 'text', text: 'hi' },
        { type: 'tool_use', id: expect.stringMatching(/^c1__sig__[\w-]+$/), name: 'f' },
      ],
      stop_reason: 'tool_use',
      usage: { input_tokens: 25, output_tokens: 7 },
    });
  });

  it.each([
    ['', {}],
    ['[1]', { value: [1] }],
    ['{"cut', { invalid_json: '{"cut' }],
  ])('has the arguments %j of a call as an object', (argumentsText, input) => {
    const body = encodeResponse({ ...answer, text: '', toolCalls: [{ id: 'c', name: 'f', argumentsText }] }, CONTEXT);
    expect(JSON.parse(Buffer.from(body).toString())).toMatchObject({ content: [{ type: 'tool_use', input }] });
  });
});
