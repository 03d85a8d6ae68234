import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { StreamDecoder, StreamStep } from '../exchange.ts';
import { openRelayStream, type RelayStreamOptions } from './relay-stream.ts';

const FIXTURE = readFileSync(new URL('stream-text.sse', import.meta.url), 'utf8');
const EVENTS = FIXTURE.split(/(?<=\n\n)/);
const USAGE_EVENT = EVENTS.find((event) => event.includes('"choices":[]')) ?? '';

interface Outcome {
  readonly text: string;
  readonly error: string | undefined;
  readonly done: boolean;
}

function open(changes: Partial<RelayStreamOptions> = {}): StreamDecoder {
  return openRelayStream({ hidesUsage: true, choices: 1, nowMs: 0, ...changes });
}

function run(decoder: StreamDecoder, chunks: readonly (string | Uint8Array)[]): Outcome {
  const steps: StreamStep[] = [...chunks.map((chunk) => decoder.push(Buffer.from(chunk))), decoder.end()];
  return {
    text: Buffer.concat(steps.map((step) => step.bytes ?? new Uint8Array(0))).toString(),
    error: steps.find((step) => step.error !== undefined)?.error?.code,
    done: steps.some((step) => step.done),
  };
}

const chunkOf = (choice: object): string => `data: ${JSON.stringify({ choices: [choice] })}\n\n`;
const FINISHED = chunkOf({ index: 0, delta: {}, finish_reason: 'stop' });

describe('a chat stream for a chat client', () => {
  it('is relayed byte for byte but for a usage chunk nobody asked for', () => {
    const decoder = open();
    expect(run(decoder, [FIXTURE])).toEqual({ text: FIXTURE.replace(USAGE_EVENT, ''), error: undefined, done: true });
    expect(decoder).toMatchObject({
      finishReason: 'stop',
      producedText: 'Wasser fließt bergab 🌊',
      usage: { inputTokens: 19, cacheReadTokens: 16, outputTokens: 7, reasoningTokens: 2 },
    });
    expect(run(open({ hidesUsage: false }), [FIXTURE]).text).toBe(FIXTURE);
  });

  it('is the same wherever it is cut, with any line ends', () => {
    for (const lineEnd of ['\n', '\r\n', '\r']) {
      const bytes = Buffer.from(FIXTURE.replaceAll('\n', lineEnd));
      const whole = run(open(), [bytes]);
      expect(whole).toMatchObject({ error: undefined, done: true });
      for (let cut = 1; cut < bytes.length; cut += 1) expect(run(open(), [bytes.subarray(0, cut), bytes.subarray(cut)])).toEqual(whole);
    }
    const bytes = Buffer.from(FIXTURE);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), (size) => {
        const chunks: Uint8Array[] = [];
        for (let at = 0; at < bytes.length; at += size) chunks.push(bytes.subarray(at, at + size));
        expect(run(open(), chunks)).toEqual(run(open(), [FIXTURE]));
      }),
    );
  });

  it('that closes before a finish reason is an error, never an end (P2)', () => {
    const finishAt = EVENTS.findIndex((event) => event.includes('"finish_reason":"stop"'));
    for (let count = 0; count <= finishAt; count += 1) {
      expect(run(open(), EVENTS.slice(0, count))).toEqual({
        text: EVENTS.slice(0, count).join(''),
        error: 'upstream_truncated',
        done: false,
      });
    }
    const bytes = Buffer.from(EVENTS.slice(0, finishAt).join(''));
    for (let cut = 0; cut < bytes.length; cut += 1)
      expect(run(open(), [bytes.subarray(0, cut)])).toMatchObject({ error: 'upstream_truncated', done: false });
  });

  it('that closes after its finish reason gets the end marker the provider left out', () => {
    expect(run(open(), [FINISHED])).toEqual({ text: `${FINISHED}data: [DONE]\n\n`, error: undefined, done: true });
    expect(run(open(), [FINISHED, 'data: {"choices":[],"usa'])).toEqual({
      text: `${FINISHED}data: [DONE]\n\n`,
      error: undefined,
      done: true,
    });
    expect(run(open(), [FINISHED, 'data: [DONE]'])).toEqual({ text: `${FINISHED}data: [DONE]\n\n`, error: undefined, done: true });
  });

  it('needs a finish reason of every choice', () => {
    const second = chunkOf({ index: 1, delta: { content: 'x' } });
    expect(run(open({ choices: 2 }), [FINISHED, second])).toMatchObject({ error: 'upstream_truncated' });
    expect(run(open({ choices: 2 }), [FINISHED])).toMatchObject({ error: 'upstream_truncated' });
    expect(run(open({ choices: 2 }), [FINISHED, second, 'data: [DONE]\n\n'])).toMatchObject({ error: 'upstream_truncated', done: false });
    expect(run(open({ choices: 2 }), [FINISHED, chunkOf({ index: 1, delta: {}, finish_reason: 'length' })])).toMatchObject({ done: true });
  });

  it.each([
    ['[DONE] before a finish reason', ['data: [DONE]\n\n'], 'upstream_truncated'],
    ['data that is not JSON', ['data: {"choices"\n\n'], 'upstream_invalid_response'],
    ['data that is no object', ['data: 1\n\n'], 'upstream_invalid_response'],
    ['an HTML page', ['<html>\n\n<body>'], 'upstream_invalid_response'],
    ['a whole answer in place of a stream', ['{"choices":[]}'], 'upstream_invalid_response'],
    ['a JSON error in place of a stream', [' {"error":\n{"message":"slow","code":429}}'], 'upstream_rate_limited'],
    ['an error object', ['data: {"error":{"message":"slow down","type":"server_error","code":429}}\n\n'], 'upstream_rate_limited'],
    ['an error event', ['event: error\ndata: {"message":"Overloaded"}\n\n'], 'upstream_overloaded'],
    ['a failed finish reason', [chunkOf({ index: 0, delta: {}, finish_reason: 'error' })], 'upstream_error'],
  ])('fails on %s', (_name, chunks, code) => {
    expect(run(open(), chunks)).toMatchObject({ error: code, done: false });
  });

  it('shows no bytes of a document that came in place of a stream', () => {
    expect(run(open(), ['<html>\n\n<body>secret\n\n', FIXTURE]).text).toBe('');
  });

  it('leaves out empty keep-alive events, which SDKs fail on', () => {
    expect(run(open(), ['data:\n\n', FINISHED]).text).toBe(`${FINISHED}data: [DONE]\n\n`);
  });

  it('gives nothing after an error or its end', () => {
    const failed = open();
    expect(failed.push(Buffer.from('data: nonsense\n\n')).error?.code).toBe('upstream_invalid_response');
    expect(run(failed, [FIXTURE])).toEqual({ text: '', error: undefined, done: false });
    const done = open();
    expect(run(done, [FIXTURE]).done).toBe(true);
    expect(done.push(Buffer.from(FINISHED)).bytes).toBeUndefined();
    for (const more of ['data: more\n\n', FINISHED]) expect(run(open(), [FIXTURE + more])).toEqual(run(open(), [FIXTURE]));
  });

  it('gives the bytes before a failure with it', () => {
    const step = open().push(Buffer.from(`${EVENTS[1]}data: {"error":{"message":"gone"}}\n\n`));
    expect(step.bytes?.toString()).toBe(EVENTS[1]);
    expect(step.error?.code).toBe('upstream_error');
  });

  it('says when content begins: not with a role, but with text, reasoning or a call', () => {
    const role = chunkOf({ index: 0, delta: { role: 'assistant', content: '', tool_calls: [], refusal: null } });
    for (const delta of [{ content: 'x' }, { reasoning_content: 'x' }, { reasoning: 'x' }, { tool_calls: [{ index: 0 }] }]) {
      const decoder = open();
      expect(decoder.push(Buffer.from(role)).hasContent).toBe(false);
      expect(decoder.push(Buffer.from(chunkOf({ index: 0, delta }))).hasContent).toBe(true);
      expect(decoder.push(Buffer.from(role)).hasContent).toBe(true);
    }
  });
});
