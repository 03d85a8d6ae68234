import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ExchangeInput, StreamDecoder } from '../exchange.ts';
import { openExchange } from '../open-exchange.ts';

const STREAM = readFileSync(new URL('stream-thinking-tools.sse', import.meta.url), 'utf8');
const EVENTS = STREAM.split(/(?<=\r\n\r\n)/);

function open(clientDialect: ExchangeInput['clientDialect']): StreamDecoder {
  const body =
    clientDialect === 'gemini-generate'
      ? { contents: [{ role: 'user', parts: [{ text: 'hi' }] }] }
      : { model: 'g', messages: [{ role: 'user', content: 'hi' }], stream_options: { include_usage: true } };
  return openExchange({
    clientDialect,
    providerDialect: 'gemini-generate',
    stream: true,
    body: Buffer.from(JSON.stringify(body)),
    upstreamModel: 'gemini-3-flash',
    defaultParams: {},
    dropParams: false,
    quirks: {},
    clientHeaders: {},
    createdAt: 1_790_000_000,
    answerId: '1',
  }).openStream();
}

function run(decoder: StreamDecoder, chunks: readonly (string | Uint8Array)[]) {
  const steps = [...chunks.map((chunk) => decoder.push(Buffer.from(chunk))), decoder.end()];
  return {
    text: Buffer.concat(steps.map((step) => step.bytes ?? new Uint8Array(0))).toString(),
    error: steps.find((step) => step.error !== undefined)?.error?.code,
    done: steps.some((step) => step.done),
  };
}

const event = (value: unknown): string => `data: ${JSON.stringify(value)}\n\n`;
const piece = (parts: readonly object[], fields: object = {}): string =>
  event({ candidates: [{ content: { parts }, index: 0, ...fields }] });
const USAGE = { inputTokens: 120, cacheReadTokens: 64, outputTokens: 76, reasoningTokens: 45, inputAudioTokens: 20 };

describe.each(['openai-chat', 'gemini-generate'] as const)('a Gemini stream for a client of %s', (client) => {
  const whole = run(open(client), [STREAM]);

  it('is complete with its finish reason and usage', () => {
    const decoder = open(client);
    expect(run(decoder, [STREAM])).toMatchObject({ error: undefined, done: true });
    expect(decoder).toMatchObject({ finishReason: 'tool_calls', usage: USAGE });
    expect(decoder.producedText).toContain('Ich sehe nach: Zürich 🌤 und Genève.get_weather{"city"');
  });

  it('is the same wherever it is cut', () => {
    const bytes = Buffer.from(STREAM);
    for (let cut = 1; cut < bytes.length; cut += 1) expect(run(open(client), [bytes.subarray(0, cut), bytes.subarray(cut)])).toEqual(whole);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), (size) => {
        const chunks: Uint8Array[] = [];
        for (let at = 0; at < bytes.length; at += size) chunks.push(bytes.subarray(at, at + size));
        expect(run(open(client), chunks)).toEqual(whole);
      }),
      { numRuns: 30 },
    );
  });

  it('that closes before a finish reason is an error, never an end (P2)', () => {
    for (let count = 0; count < EVENTS.length; count += 1) {
      expect(run(open(client), EVENTS.slice(0, count))).toMatchObject({ error: 'upstream_truncated', done: false });
    }
    const bytes = Buffer.from(EVENTS.at(-1) ?? '');
    const before = EVENTS.slice(0, -1);
    // the last event is whole without its line ends
    for (let cut = 0; cut < bytes.length - 4; cut += 1) {
      expect(run(open(client), [...before, bytes.subarray(0, cut)])).toMatchObject({ error: 'upstream_truncated', done: false });
    }
    expect(run(open(client), [...before, bytes.subarray(0, -4)]).done).toBe(true);
  });

  it('may say more behind its finish reason, and may repeat it', () => {
    const decoder = open(client);
    const late = event({ usageMetadata: { promptTokenCount: 3, candidatesTokenCount: 2 } });
    const said = run(decoder, [piece([{ text: 'a' }], { finishReason: 'STOP' }), piece([{ text: 'b' }], { finishReason: 'STOP' }), late]);
    expect(said).toMatchObject({ done: true, error: undefined });
    expect(decoder).toMatchObject({ producedText: 'ab', usage: { inputTokens: 3, outputTokens: 2 } });
  });

  it.each([
    ['an error object', event({ error: { code: 503, message: 'busy', status: 'UNAVAILABLE' } }), 'upstream_overloaded'],
    ['a call the model got wrong', piece([], { finishReason: 'MALFORMED_FUNCTION_CALL' }), 'upstream_invalid_response'],
    ['data that is not JSON', 'data: {"a"\n\n', 'upstream_invalid_response'],
    ['data that is no object', 'data: 1\n\n', 'upstream_invalid_response'],
  ])('fails on %s, with what came before it', (_name, bad, code) => {
    const first = run(open(client), [piece([{ text: 'a' }])]).text;
    expect(run(open(client), [piece([{ text: 'a' }]) + bad])).toEqual({ text: first, error: code, done: false });
  });

  it('fails on a document in place of a stream', () => {
    expect(run(open(client), ['{"error":{"code":429,"message":"slow","status":"RESOURCE_EXHAUSTED"}}'])).toMatchObject({
      error: 'upstream_rate_limited',
    });
    expect(run(open(client), ['<html>'])).toMatchObject({ error: 'upstream_invalid_response' });
  });
});

describe('a Gemini stream', () => {
  it('passes byte for byte to a client of the same format, what is unknown included', () => {
    expect(run(open('gemini-generate'), [STREAM]).text).toBe(STREAM);
    const odd = `: hello\n\n${event({ candidates: [{ finishReason: 'STOP', brandNew: 1 }] })}`;
    expect(run(open('gemini-generate'), [odd])).toEqual({ text: odd, error: undefined, done: true });
  });

  it('to a refused prompt is an error for others, and told as it is to a client of the same format', () => {
    const blocked = event({ promptFeedback: { blockReason: 'SAFETY' }, usageMetadata: { promptTokenCount: 4 } });
    expect(run(open('openai-chat'), [blocked])).toEqual({ text: '', error: 'content_policy_violation', done: false });
    const decoder = open('gemini-generate');
    expect(run(decoder, [blocked])).toEqual({ text: blocked, error: undefined, done: true });
    expect(decoder).toMatchObject({ finishReason: 'content_filter', usage: { inputTokens: 4 } });
  });

  it('needs a finish reason of every candidate', () => {
    const second = event({ candidates: [{ index: 1, content: { parts: [{ text: 'x' }] } }] });
    const first = piece([{ text: 'a' }], { finishReason: 'STOP' });
    expect(run(open('gemini-generate'), [second, first])).toMatchObject({ error: 'upstream_truncated' });
    expect(run(open('gemini-generate'), [second, first, event({ candidates: [{ index: 1, finishReason: 'STOP' }] })]).done).toBe(true);
  });

  it('gives a chat client whole calls with their signatures in the ids, and pictures beside the text', () => {
    const text = run(open('openai-chat'), [STREAM]).text;
    const chunks = text
      .split('\n\n')
      .filter((line) => line.startsWith('data: {'))
      .map(
        (line) =>
          JSON.parse(line.slice(6)) as { choices: { delta: { tool_calls?: { id?: string; function: { arguments: string } }[] } }[] },
      );
    const calls = chunks.flatMap((chunk) => chunk.choices[0]?.delta.tool_calls ?? []);
    expect(calls.map((call) => call.function.arguments)).toEqual(['', '{"city":"Zürich","station":12345678901234567890}', '', '{}']);
    expect(calls[0]?.id).toMatch(/^call_[0-9a-f]{24}__sig__/);
    const image = piece([{ inlineData: { mimeType: 'image/png', data: 'QUJD' } }], { finishReason: 'STOP' });
    expect(run(open('openai-chat'), [image]).text).toContain(
      '"delta":{"images":[{"type":"image_url","index":0,"image_url":{"url":"data:image/png;base64,QUJD"}}]}',
    );
  });
});
