import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { ConversationEvent } from '../conversation/stream-event.ts';
import { encodeResponse } from './encode-response.ts';
import { createStreamEncoder } from './encode-stream.ts';
import { expectSameWhereverCut, openClaude, readPieces, sdk } from './test-responses.ts';

const fixture = (name: string): string => readFileSync(new URL(`../anthropic-messages/${name}`, import.meta.url), 'utf8');
const STREAM = fixture('stream-thinking-tools.sse');
const REDACTED =
  'event: content_block_start\ndata: {"type":"content_block_start","index":9,"content_block":{"type":"redacted_thinking","data":"cmVk"}}\n\n';

const run = (pieces: readonly (string | Uint8Array)[], request: object = {}) => readPieces(openClaude(request), pieces);

const eventsOf = (text: string): { type: string; sequence_number: number; output_index?: number }[] =>
  text.split('\n\n').flatMap((event) => {
    const data = /^data: (.*)$/m.exec(event)?.[1];
    return data === undefined ? [] : [JSON.parse(data) as { type: string; sequence_number: number }];
  });

const OUTPUT = [
  {
    type: 'reasoning',
    id: 'rs_job_1_0',
    summary: [{ type: 'summary_text', text: 'Two cities, two calls.' }],
    encrypted_content: 'hr1.claude.c2lnbmF0dXJl',
  },
  {
    type: 'message',
    id: 'msg_job_1_1',
    role: 'assistant',
    status: 'completed',
    content: [{ type: 'output_text', text: 'I look both up: Zürich und Genève.', annotations: [] }],
  },
  { type: 'function_call', id: 'fc_job_1_2', call_id: 'toolu_01A', name: 'get_weather', status: 'completed' },
  { type: 'function_call', id: 'fc_job_1_3', call_id: 'toolu_01B', name: 'list_stations', arguments: '{}', status: 'completed' },
];
const USAGE = {
  input_tokens: 1_112,
  input_tokens_details: { cached_tokens: 1_000, cache_write_tokens: 100 },
  output_tokens: 89,
  total_tokens: 1_201,
};

describe('an answer of another format for a Responses client', () => {
  it('in one piece is a response as the openai SDK reads it', async () => {
    const request = { instructions: 'Be brief.', metadata: { a: 'b' }, max_output_tokens: 50, tools: [{ type: 'function', name: 'f' }] };
    const decoded = openClaude(request, { stream: false }).decodeAnswer(Buffer.from(fixture('answer-thinking-tools.json')));
    const response = await sdk(decoded.body, 'application/json').responses.create({ model: 'm', input: 'x' });
    expect(response).toMatchObject({
      id: 'resp_job_1',
      object: 'response',
      created_at: 1_790_000_000,
      status: 'completed',
      error: null,
      incomplete_details: null,
      model: 'claude-sonnet-4-5-20250929',
      ...request,
      store: true,
      previous_response_id: null,
      parallel_tool_calls: true,
      tool_choice: 'auto',
      usage: { ...USAGE, output_tokens_details: { reasoning_tokens: 20 } },
    });
    expect(response.output_text).toBe('I look both up: Zürich und Genève.');
    const items = response.output.filter(
      (item) => !('encrypted_content' in item) || item.encrypted_content !== 'hr1.redacted.ZW5jcnlwdGVk',
    );
    expect(items).toMatchObject(OUTPUT.map(({ id: _id, ...item }) => item));
    expect(response.output).toHaveLength(5);
  });

  it('streamed is accumulated by the SDK’s helper into the same response', async () => {
    const { text, error, done } = run([STREAM]);
    expect({ error, done }).toEqual({ error: undefined, done: true });
    const runner = sdk(text, 'text/event-stream').responses.stream({ model: 'm', input: 'x' });
    const deltas: string[] = [];
    runner.on('response.output_text.delta', ({ delta }) => deltas.push(delta));
    const final = await runner.finalResponse();
    expect(deltas).toEqual(['I look both up: ', 'Zürich und Genève.']);
    expect(final.output).toMatchObject(OUTPUT);
    expect(final).toMatchObject({ id: 'resp_job_1', status: 'completed', usage: USAGE, output_text: deltas.join('') });
  });

  it('streamed is the same when accumulated from its events as in its last one', () => {
    const events = eventsOf(run([STREAM]).text);
    expect(events.map((event) => event.sequence_number)).toEqual(events.map((_event, index) => index));
    const done = events.flatMap((event) =>
      event.type === 'response.output_item.done' ? [(event as unknown as { item: unknown }).item] : [],
    );
    const last = events.at(-1) as unknown as { type: string; response: { output: unknown[] } };
    expect(last.type).toBe('response.completed');
    expect(last.response.output).toEqual(done);
    expect(events.map((event) => event.type).slice(0, 2)).toEqual(['response.created', 'response.in_progress']);
  });

  it('shows plain reasoning once, also when its block comes after the text', () => {
    const encode = createStreamEncoder({ answerId: 'a', createdAt: 1, includeUsage: true });
    const events: ConversationEvent[] = [
      { type: 'start', model: 'm' },
      { type: 'reasoning', text: 'Thought.' },
      { type: 'text', text: 'Said.' },
      { type: 'reasoning-block', block: { type: 'plain', text: 'Thought.' } },
      { type: 'finish', reason: 'stop' },
    ];
    const last = eventsOf(events.map(encode).join('')).at(-1) as unknown as { response: { output: object[] } };
    expect(last.response.output).toMatchObject([{ type: 'reasoning', summary: [{ text: 'Thought.' }] }, { type: 'message' }]);
  });

  it('shows pictures as items of their own', async () => {
    const encode = createStreamEncoder({ answerId: 'a', createdAt: 1, includeUsage: true, echo: {} });
    const image = { mediaType: 'image/webp', data: 'AAAA' };
    const events: ConversationEvent[] = [
      { type: 'start', model: 'm' },
      { type: 'text', text: 'Look: ' },
      { type: 'text', text: '', image },
      { type: 'text', text: 'nice.' },
      { type: 'finish', reason: 'stop' },
    ];
    const streamed = await sdk(events.map(encode).join(''), 'text/event-stream')
      .responses.stream({ model: 'm', input: 'x' })
      .finalResponse();
    const picture = { type: 'image_generation_call', status: 'completed', result: 'AAAA' };
    expect(streamed.output).toMatchObject([{ type: 'message' }, picture, { type: 'message' }]);
    const answer = { model: 'm', text: '', reasoning: [], toolCalls: [], images: [image], finishReason: 'stop', usage: undefined } as const;
    const whole = JSON.parse(Buffer.from(encodeResponse(answer, { answerId: 'a', createdAt: 1, includeUsage: true })).toString()) as object;
    expect(whole).toMatchObject({ output: [picture] });
  });

  it('shows redacted reasoning as an item to give back', () => {
    const at = STREAM.indexOf('event: message_delta');
    const { text } = run([STREAM.slice(0, at) + REDACTED + STREAM.slice(at)]);
    expect(text).toContain('"encrypted_content":"hr1.redacted.cmVk"');
  });

  it.each([
    ['max_tokens', 'max_output_tokens'],
    ['refusal', 'content_filter'],
  ])('that stopped for %s is incomplete, and says why', async (stopReason, reason) => {
    const { text } = run([STREAM.replace('"stop_reason":"tool_use"', `"stop_reason":"${stopReason}"`)]);
    const final = await sdk(text, 'text/event-stream').responses.stream({ model: 'm', input: 'x' }).finalResponse();
    expect(final).toMatchObject({ status: 'incomplete', incomplete_details: { reason } });
    expect(text).toContain('event: response.incomplete\n');
  });

  it('is the same wherever the provider’s stream is cut', () => {
    expectSameWhereverCut(STREAM, (pieces) => run(pieces).text);
  });

  it('that is cut has no end (P2)', () => {
    const events = STREAM.split(/(?<=\n\n)/);
    for (let count = 0; count < events.length - 1; count += 1) {
      const cut = run(events.slice(0, count));
      expect(cut).toMatchObject({ error: 'upstream_truncated', done: false });
      expect(cut.text).not.toContain('response.completed');
    }
  });
});
