import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ConversationEvent } from '../conversation/stream-event.ts';
import { openTranslatedStream } from '../translate-stream.ts';
import { createStreamDecoder } from './decode-stream.ts';

const FIXTURE = readFileSync(new URL('stream-reasoning-tools.sse', import.meta.url));
const FIXTURE_EVENTS = FIXTURE.toString().split(/(?<=\n\n)/);

interface Outcome {
  readonly events: readonly ConversationEvent[];
  readonly error: string | undefined;
  readonly done: boolean;
}

function run(chunks: readonly (string | Uint8Array)[]): Outcome {
  const events: ConversationEvent[] = [];
  const encode = (event: ConversationEvent): string => {
    events.push(event);
    return '.';
  };
  const stream = openTranslatedStream({ decode: createStreamDecoder(), encode, errorOf: () => undefined });
  const steps = [...chunks.map((chunk) => stream.push(Buffer.from(chunk))), stream.end()];
  return { events, error: steps.find((step) => step.error)?.error?.code, done: steps.some((step) => step.done) };
}

const chunk = (delta: object, finish: string | null = null): string =>
  `data: ${JSON.stringify({ id: 'c', model: 'm', choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;
const DONE = 'data: [DONE]\n\n';
const called = (call: object): string => chunk({ tool_calls: [call] });
const contentOf = ({ events }: Outcome) => events.filter(({ type }) => type !== 'start' && type !== 'usage' && type !== 'finish');
/** Calls as a client would put them together. */
function callsOf({ events }: Outcome): object[] {
  const calls: { id: string; name: string; args: string }[] = [];
  for (const event of events) {
    if (event.type === 'tool-call') calls[event.index] = { id: event.id, name: event.name, args: '' };
    if (event.type === 'tool-arguments') calls[event.index]!.args += event.text;
  }
  return calls;
}

describe('a chat stream as a conversation', () => {
  it('has reasoning, text, parallel calls, usage and its end', () => {
    expect(run([FIXTURE])).toEqual({
      events: [
        { type: 'start', model: 'm-1' },
        { type: 'reasoning', text: 'Zwei ' },
        { type: 'reasoning', text: 'Städte 🌍' },
        { type: 'reasoning-block', block: { type: 'plain', text: 'Zwei Städte 🌍' } },
        { type: 'text', text: 'Ich schaue nach: ' },
        { type: 'tool-call', index: 0, id: 'call_a', name: 'weather' },
        { type: 'tool-arguments', index: 0, text: '{"city":' },
        { type: 'tool-arguments', index: 0, text: '"Köln"}' },
        { type: 'tool-call', index: 1, id: 'call_b', name: 'clock' },
        { type: 'usage', usage: expect.objectContaining({ inputTokens: 40, outputTokens: 25, reasoningTokens: 6 }) },
        { type: 'tool-arguments', index: 1, text: '{}' },
        { type: 'finish', reason: 'tool_calls' },
      ],
      error: undefined,
      done: true,
    });
  });

  it('is the same wherever it is cut', () => {
    const whole = run([FIXTURE]);
    for (let cut = 1; cut < FIXTURE.length; cut += 1) expect(run([FIXTURE.subarray(0, cut), FIXTURE.subarray(cut)])).toEqual(whole);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: FIXTURE.length - 1 }), { maxLength: 12 }), (cuts) => {
        const edges = [0, ...cuts.toSorted((a, b) => a - b), FIXTURE.length];
        expect(run(edges.slice(1).map((end, index) => FIXTURE.subarray(edges[index], end)))).toEqual(whole);
      }),
    );
  });

  it('cut before its finish reason is an error, never an end (P2)', () => {
    const finishAt = FIXTURE_EVENTS.findIndex((event) => event.includes('"finish_reason":"tool_calls"'));
    for (let count = 0; count <= finishAt; count += 1) {
      expect(run(FIXTURE_EVENTS.slice(0, count))).toMatchObject({ error: 'upstream_truncated', done: false });
    }
    expect(run([chunk({ content: 'x' }), DONE])).toMatchObject({ error: 'upstream_truncated', done: false });
  });

  it('is complete after its finish reason even when the host just closes', () => {
    for (const rest of [[], ['data: [DONE]'], ['data: {"choices":[],"usa'], ['data:\n\n']]) {
      expect(run([chunk({ content: 'x' }), chunk({}, 'stop'), ...rest])).toMatchObject({ error: undefined, done: true });
    }
  });

  it.each<[string, string[], object[]]>([
    [
      'a host that repeats the id and the name',
      [
        called({ index: 0, id: 'a', function: { name: 'f', arguments: '{"x"' } }),
        called({ index: 0, id: 'a', function: { name: 'f', arguments: ':1}' } }),
      ],
      [{ id: 'a', name: 'f', args: '{"x":1}' }],
    ],
    [
      'a host that gives every call the index 0',
      [
        called({ index: 0, id: 'a', function: { name: 'f', arguments: '{}' } }),
        called({ index: 0, id: 'b', function: { name: 'g', arguments: '{}' } }),
      ],
      [
        { id: 'a', name: 'f', args: '{}' },
        { id: 'b', name: 'g', args: '{}' },
      ],
    ],
    [
      'a host without an index',
      [
        called({ id: 'a', function: { name: 'f', arguments: '{"x"' } }),
        called({ function: { arguments: ':1}' } }),
        called({ id: 'b', function: { name: 'g' } }),
      ],
      [
        { id: 'a', name: 'f', args: '{"x":1}' },
        { id: 'b', name: 'g', args: '{}' },
      ],
    ],
    [
      'a host without ids',
      [called({ index: 0, function: { name: 'f', arguments: '{}' } }), called({ index: 1, function: { name: 'f', arguments: '{}' } })],
      [
        { id: 'call_c_0', name: 'f', args: '{}' },
        { id: 'call_c_1', name: 'f', args: '{}' },
      ],
    ],
    [
      'a host whose ids change within a call',
      [
        called({ index: 0, id: 'a', function: { name: 'f', arguments: '' } }),
        called({ index: 0, id: 'b', function: { arguments: '{"x":1}' } }),
      ],
      [{ id: 'a', name: 'f', args: '{"x":1}' }],
    ],
    [
      'a host that names the function late',
      [called({ index: 0, id: 'a', function: { arguments: '{' } }), called({ index: 0, function: { name: 'f', arguments: '}' } })],
      [{ id: 'a', name: 'f', args: '{}' }],
    ],
    [
      'a host that sends the arguments as an object',
      [called({ index: 0, id: 'a', function: { name: 'f', arguments: { x: 1 } } })],
      [{ id: 'a', name: 'f', args: '{"x":1}' }],
    ],
    [
      'a host of the deprecated form',
      [chunk({ function_call: { name: 'f', arguments: '{}' } })],
      [{ id: 'call_c_0', name: 'f', args: '{}' }],
    ],
  ])('puts the calls of %s together', (_host, chunks, calls) => {
    const outcome = run([...chunks, chunk({}, 'stop'), DONE]);
    expect(callsOf(outcome)).toEqual(calls);
    expect(outcome.events.at(-1)).toEqual({ type: 'finish', reason: 'tool_calls' });
  });

  it.each<[string, object, object[]]>([
    ['reasoning under its other name', { reasoning: 'r' }, [{ type: 'reasoning', text: 'r' }]],
    ['a refusal', { refusal: 'No.' }, [{ type: 'text', text: 'No.' }]],
    [
      'content in parts',
      {
        content: [
          { type: 'text', text: 'a' },
          { type: 'text', text: 'b' },
        ],
      },
      [{ type: 'text', text: 'ab' }],
    ],
    ['thinking parts', { content: [{ type: 'thinking', thinking: [{ type: 'text', text: 'hm' }] }] }, [{ type: 'reasoning', text: 'hm' }]],
    [
      'summarised reasoning parts',
      {
        content: [
          { type: 'reasoning', summary: [{ type: 'summary_text', text: 'hm' }] },
          { type: 'text', text: 'so' },
        ],
      },
      [
        { type: 'reasoning', text: 'hm' },
        { type: 'reasoning-block', block: { type: 'plain', text: 'hm' } },
        { type: 'text', text: 'so' },
      ],
    ],
    [
      'signed blocks of another gateway',
      { thinking_blocks: [{ type: 'thinking', thinking: 't', signature: 's' }] },
      [{ type: 'reasoning-block', block: { type: 'signed', text: 't', signature: { issuer: 'claude', value: 's' } } }],
    ],
    ['an empty delta', { role: 'assistant', content: null, tool_calls: null }, []],
  ])('reads %s', (_what, delta, expected) => {
    expect(contentOf(run([chunk(delta)]))).toEqual(expected);
  });

  it('reads usage from wherever it is stated', () => {
    const usages = ({ events }: Outcome) => events.flatMap((event) => (event.type === 'usage' ? [event.usage.inputTokens] : []));
    expect(usages(run(['data: {"choices":[],"x_groq":{"usage":{"prompt_tokens":3}}}\n\n']))).toEqual([3]);
    expect(
      usages(run(['data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"usage":{"prompt_tokens":4}}\n\n', DONE])),
    ).toEqual([4]);
    expect(usages(run([chunk({}, 'stop'), 'data: {"choices":[],"usage":{"prompt_tokens":5}}\n\n', DONE]))).toEqual([5]);
  });

  it('takes the first of several choices', () => {
    const second = 'data: {"choices":[{"index":1,"delta":{"content":"other"},"finish_reason":"stop"}]}\n\n';
    const outcome = run([second, chunk({ content: 'mine' }), chunk({}, 'stop'), DONE]);
    expect(contentOf(outcome)).toEqual([{ type: 'text', text: 'mine' }]);
  });

  it.each([
    ['data that is not JSON', 'data: {"choices"\n\n', 'upstream_invalid_response'],
    ['an error object', 'data: {"error":{"message":"slow down","code":429}}\n\n', 'upstream_rate_limited'],
    ['an error event', 'event: error\ndata: {"message":"Overloaded"}\n\n', 'upstream_overloaded'],
    ['a failed finish reason', chunk({}, 'error'), 'upstream_error'],
    ['a host out of capacity', chunk({}, 'insufficient_system_resource'), 'upstream_overloaded'],
  ])('fails on %s', (_what, event, code) => {
    expect(run([chunk({ content: 'x' }), event, DONE])).toMatchObject({ error: code, done: false });
  });
});
