import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { StreamDecoder, StreamStep } from '../exchange.ts';
import { fastestMs } from '../test-fastest.ts';
import { DIRECT_HOSTING } from './hosting.ts';
import { openRelayStream } from './relay-stream.ts';

const FIXTURE = readFileSync(new URL('stream-thinking-tools.sse', import.meta.url), 'utf8');
const EVENTS = FIXTURE.split(/(?<=\n\n)/);
const STOP = 'event: message_stop\ndata: {"type":"message_stop"}\n\n';
const START = `${EVENTS[0]}`;

const open = (): StreamDecoder => openRelayStream({ hosting: DIRECT_HOSTING, nowMs: 0 });
const event = (data: object & { type: string }): string => `event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`;

function run(decoder: StreamDecoder, chunks: readonly (string | Uint8Array)[]) {
  const steps: StreamStep[] = [...chunks.map((chunk) => decoder.push(Buffer.from(chunk))), decoder.end()];
  return {
    text: Buffer.concat(steps.map((step) => step.bytes ?? new Uint8Array(0))).toString(),
    error: steps.find((step) => step.error !== undefined)?.error?.code,
    done: steps.some((step) => step.done),
  };
}

describe('a Messages stream for a Messages client', () => {
  it('is relayed byte for byte, and read for what is metered', () => {
    const decoder = open();
    expect(run(decoder, [FIXTURE])).toEqual({ text: FIXTURE, error: undefined, done: true });
    expect(decoder).toMatchObject({
      finishReason: 'tool_calls',
      usage: { inputTokens: 1_112, cacheReadTokens: 1_000, cacheWriteTokens: 60, cacheWrite1hTokens: 40, outputTokens: 89 },
    });
    expect(decoder.producedText).toContain('Two cities, two calls.I look both up: Zürich und Genève.get_weather{"city"');
  });

  it('keeps comments, pings, and events and deltas that are new to us', () => {
    const text = [
      START,
      ': keep\n\n',
      event({ type: 'something_new' }),
      event({ type: 'content_block_delta', index: 9, delta: { type: 'new_delta', x: 1 } } as never),
      STOP,
    ].join('');
    expect(run(open(), [text])).toEqual({ text, error: undefined, done: true });
  });

  it('is the same wherever it is cut, with any line ends', () => {
    for (const lineEnd of ['\n', '\r']) {
      const bytes = Buffer.from(FIXTURE.replaceAll('\n', lineEnd));
      const whole = run(open(), [bytes]);
      expect(whole).toMatchObject({ error: undefined, done: true });
      for (let cut = 1; cut < bytes.length; cut += 1) expect(run(open(), [bytes.subarray(0, cut), bytes.subarray(cut)])).toEqual(whole);
    }
    const bytes = Buffer.from(FIXTURE);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), (size) => {
        const chunks: Uint8Array[] = [];
        for (let at = 0; at < bytes.length; at += size) chunks.push(bytes.subarray(at, at + size));
        expect(run(open(), chunks)).toEqual({ text: FIXTURE, error: undefined, done: true });
      }),
    );
  });

  it('that closes before message_stop is an error, never an end (P2)', () => {
    for (let count = 0; count < EVENTS.length - 1; count += 1) {
      expect(run(open(), EVENTS.slice(0, count))).toEqual({
        text: EVENTS.slice(0, count).join(''),
        error: 'upstream_truncated',
        done: false,
      });
    }
    const bytes = Buffer.from(EVENTS.slice(0, -1).join(''));
    for (let cut = 0; cut < bytes.length; cut += 1) {
      expect(run(open(), [bytes.subarray(0, cut)])).toMatchObject({ error: 'upstream_truncated', done: false });
    }
  });

  it('whose last event lacks its blank line is complete', () => {
    expect(run(open(), [START, STOP.trimEnd()])).toEqual({ text: START + STOP, error: undefined, done: true });
  });

  it.each([
    [
      'an error event',
      [START, 'event: error\ndata: {"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}\n\n'],
      'upstream_overloaded',
    ],
    ['an exception of a cloud', [START, 'event: exception\ndata: {"message":"Too many requests"}\n\n'], 'upstream_error'],
    ['data that is not JSON', ['data: {"type"\n\n'], 'upstream_invalid_response'],
    ['an HTML page', ['<html>\n\n<body>'], 'upstream_invalid_response'],
    [
      'a JSON error in place of a stream',
      ['{"type":"error","error":{"type":"rate_limit_error","message":"slow"}}'],
      'upstream_rate_limited',
    ],
    ['a whole answer in place of a stream', ['{"type":"message","content":[]}'], 'upstream_invalid_response'],
    ['content before message_start', [`${EVENTS[1]}`], 'upstream_invalid_response'],
    ['an end before message_start', [STOP], 'upstream_invalid_response'],
  ])('fails on %s', (_name, chunks, code) => {
    expect(run(open(), chunks)).toMatchObject({ error: code, done: false });
  });

  it('gives nothing after an error or its end', () => {
    expect(run(open(), [FIXTURE + FIXTURE]).text).toBe(FIXTURE);
    const failed = open();
    expect(failed.push(Buffer.from('data: nonsense\n\n')).error?.code).toBe('upstream_invalid_response');
    expect(run(failed, [FIXTURE])).toEqual({ text: '', error: undefined, done: false });
  });

  it.each([
    [{ type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } }, false],
    [{ type: 'content_block_start', index: 0, content_block: { type: 'thinking', thinking: '' } }, false],
    [{ type: 'content_block_start', index: 0, content_block: { type: 'tool_use', id: 't', name: 'f', input: {} } }, true],
    [{ type: 'content_block_start', index: 0, content_block: { type: 'redacted_thinking', data: 'x' } }, true],
    [{ type: 'content_block_delta', index: 0, delta: { type: 'thinking_delta', thinking: 'x' } }, true],
    [{ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: '' } }, false],
    [{ type: 'ping' }, false],
  ])('says of %j whether it is content', (data, expected) => {
    const decoder = open();
    expect(decoder.push(Buffer.from(START)).hasContent).toBe(false);
    expect(decoder.push(Buffer.from(event(data))).hasContent).toBe(expected);
  });
});

it('a streamed chunk is relayed in less than 20 µs', () => {
  const decoder = open();
  decoder.push(Buffer.from(START));
  const chunk = Buffer.from(event({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'some words ' } } as never));
  const thousand = (): void => {
    for (let count = 0; count < 1_000; count += 1) decoder.push(chunk);
  };
  expect(fastestMs(thousand)).toBeLessThan(20);
});
