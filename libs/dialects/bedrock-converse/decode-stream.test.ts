import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { awsEvent, awsException } from '../aws-event-stream/test-frames.ts';
import type { StreamDecoder, StreamStep } from '../exchange.ts';
import { openConverse } from './test-exchange.ts';

const FIXTURE = JSON.parse(readFileSync(new URL('stream-thinking-tools.json', import.meta.url), 'utf8')) as [string, object][];
const FRAMES = FIXTURE.map(([type, payload]) => awsEvent(type, payload));
const STREAM = Buffer.concat(FRAMES);
const STOP_AT = FIXTURE.findIndex(([type]) => type === 'messageStop');

interface Outcome {
  readonly text: string;
  readonly error: string | undefined;
  readonly done: boolean;
}

function open(request: object = { stream_options: { include_usage: true } }): StreamDecoder {
  return openConverse(request, { stream: true }).openStream();
}

function run(decoder: StreamDecoder, chunks: readonly Uint8Array[]): Outcome {
  const steps: StreamStep[] = [...chunks.map((chunk) => decoder.push(chunk)), decoder.end()];
  return {
    text: Buffer.concat(steps.map((step) => step.bytes ?? new Uint8Array(0))).toString(),
    error: steps.find((step) => step.error !== undefined)?.error?.code,
    done: steps.some((step) => step.done),
  };
}

const frames = (...events: [string, object][]): Buffer[] => events.map(([type, payload]) => awsEvent(type, payload));
const START: [string, object] = ['messageStart', { role: 'assistant' }];
const text = (words: string): [string, object] => ['contentBlockDelta', { contentBlockIndex: 0, delta: { text: words } }];
const stop = (stopReason: string): [string, object] => ['messageStop', { stopReason }];
const METADATA: [string, object] = ['metadata', { usage: { inputTokens: 3, outputTokens: 4, totalTokens: 7 } }];

function deltas(outcome: Outcome): Record<string, unknown>[] {
  return outcome.text
    .split('\n\n')
    .filter((event) => event.startsWith('data: {'))
    .map((event) => JSON.parse(event.slice(6)) as { choices: { delta: Record<string, unknown> }[] })
    .flatMap(({ choices }) => choices.map(({ delta }) => delta));
}

function joined(all: readonly Record<string, unknown>[], key: string): string {
  return all.map((delta) => (typeof delta[key] === 'string' ? delta[key] : '')).join('');
}

describe('a ConverseStream for a chat client', () => {
  it('gives text, reasoning with its signature, calls, finish and usage', () => {
    const decoder = open();
    const outcome = run(decoder, [STREAM]);
    expect(outcome).toMatchObject({ error: undefined, done: true });
    expect(decoder).toMatchObject({
      finishReason: 'tool_calls',
      usage: {
        inputTokens: 1_112,
        cacheReadTokens: 1_000,
        cacheWriteTokens: 60,
        cacheWrite1hTokens: 40,
        outputTokens: 89,
        serviceTier: 'flex',
      },
    });
    const all = deltas(outcome);
    expect(joined(all, 'content')).toBe('I look both up: Zürich und Genève 🌦.');
    expect(joined(all, 'reasoning_content')).toBe('Two cities, two calls.');
    expect(all.flatMap((delta) => delta['thinking_blocks'] ?? [])).toEqual([
      { type: 'thinking', thinking: 'Two cities, two calls.', signature: 'c2lnbmF0dXJl' },
      { type: 'redacted_thinking', data: 'aGlkZGVu' },
    ]);
    const calls = all.flatMap((delta) => (delta['tool_calls'] ?? []) as { index: number; id?: string; function: { arguments: string } }[]);
    const argumentsOf = (index: number): string =>
      calls
        .filter((call) => call.index === index)
        .map((call) => call.function.arguments)
        .join('');
    expect(calls.filter(({ id }) => id !== undefined).map(({ id }) => id)).toEqual(['tooluse_A', 'tooluse_B']);
    expect(argumentsOf(0)).toBe('{"city": "Zürich", "station": 12345678901234567890}');
    expect(argumentsOf(1)).toBe('{}');
    expect(outcome.text).toContain('"model":"us.anthropic.claude-sonnet-4-5-20250929-v1:0"');
  });

  it('is the same wherever it is cut', () => {
    const whole = run(open(), [STREAM]);
    for (let at = 1; at < STREAM.length; at += 1) expect(run(open(), [STREAM.subarray(0, at), STREAM.subarray(at)])).toEqual(whole);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 400 }), (size) => {
        const chunks: Uint8Array[] = [];
        for (let at = 0; at < STREAM.length; at += size) chunks.push(STREAM.subarray(at, at + size));
        expect(run(open(), chunks)).toEqual(whole);
      }),
    );
  });

  it('that closes before its messageStop is an error, never an end (P2)', () => {
    for (let count = 0; count <= STOP_AT; count += 1) {
      expect(run(open(), FRAMES.slice(0, count))).toMatchObject({ error: 'upstream_truncated', done: false });
    }
    const bytes = Buffer.concat(FRAMES.slice(0, STOP_AT + 1));
    for (let cut = 0; cut < bytes.length; cut += 1) {
      expect(run(open(), [bytes.subarray(0, cut)])).toMatchObject({ error: 'upstream_truncated', done: false });
    }
  });

  it('that closes after its messageStop is complete, with or without a part of its metadata', () => {
    const decoder = open();
    expect(run(decoder, FRAMES.slice(0, -1))).toMatchObject({ error: undefined, done: true });
    expect(decoder).toMatchObject({ usage: undefined, finishReason: 'tool_calls' });
    expect(run(open(), [STREAM.subarray(0, -5)])).toMatchObject({ error: undefined, done: true });
  });

  it.each([
    ['throttlingException', 'Too many tokens, please wait before trying again.', 'upstream_rate_limited'],
    ['throttlingException', 'Too many tokens per day, please wait before trying again.', 'upstream_quota'],
    ['modelStreamErrorException', 'The model failed.', 'upstream_error'],
    ['internalServerException', 'Oh.', 'upstream_error'],
    ['serviceUnavailableException', 'Busy.', 'upstream_overloaded'],
    ['modelTimeoutException', 'Too slow.', 'upstream_timeout'],
    ['validationException', 'Input is too long for requested model.', 'context_length_exceeded'],
    ['validationException', 'Bad field.', 'upstream_bad_request'],
    ['somethingNewException', 'Hm.', 'upstream_error'],
  ])('that ends in %s (%s) fails with %s', (type, message, code) => {
    const outcome = run(open(), [...frames(START, text('x')), awsException(type, { message })]);
    expect(outcome).toMatchObject({ error: code, done: false });
    expect(outcome.text).toContain('"content":"x"');
  });

  it('maps its stop reasons', () => {
    const reasonOf = (reason: string): string | undefined => {
      const decoder = open();
      run(decoder, frames(START, text('x'), stop(reason), METADATA));
      return decoder.finishReason;
    };
    expect(reasonOf('end_turn')).toBe('stop');
    expect(reasonOf('stop_sequence')).toBe('stop');
    expect(reasonOf('max_tokens')).toBe('length');
    expect(reasonOf('model_context_window_exceeded')).toBe('length');
    expect(reasonOf('guardrail_intervened')).toBe('content_filter');
    expect(reasonOf('content_filtered')).toBe('content_filter');
    expect(reasonOf('something_new')).toBe('stop');
  });

  it('with malformed output is an error', () => {
    expect(run(open(), frames(START, text('x'), stop('malformed_tool_use'), METADATA))).toMatchObject({
      error: 'upstream_invalid_response',
      done: false,
    });
  });

  it.each<[string, Buffer[]]>([
    ['events before messageStart', frames(text('x'))],
    ['arguments of no call', frames(START, ['contentBlockDelta', { contentBlockIndex: 0, delta: { toolUse: { input: '{' } } }])],
    ['JSON in its place', [Buffer.from('{"message":"Forbidden","and":"more"}')]],
  ])('fails on %s', (_name, chunks) => {
    expect(run(open(), chunks)).toMatchObject({ error: 'upstream_invalid_response', done: false });
  });

  it('leaves out what Bedrock did itself and events that are new', () => {
    const outcome = run(
      open(),
      frames(
        START,
        [
          'contentBlockStart',
          { contentBlockIndex: 0, start: { toolUse: { toolUseId: 's', name: 'nova_grounding', type: 'server_tool_use' } } },
        ],
        ['contentBlockDelta', { contentBlockIndex: 0, delta: { toolUse: { input: '{"q":1}' } } }],
        ['contentBlockStop', { contentBlockIndex: 0 }],
        ['contentBlockStart', { contentBlockIndex: 1, start: { toolResult: { toolUseId: 's' } } }],
        ['contentBlockDelta', { contentBlockIndex: 1, delta: { toolResult: [{ text: 'r' }] } }],
        ['contentBlockDelta', { contentBlockIndex: 2, delta: { text: 'Found.' } }],
        ['contentBlockDelta', { contentBlockIndex: 2, delta: { citation: { title: 't' } } }],
        ['somethingNew', { a: 1 }],
        stop('end_turn'),
        METADATA,
      ),
    );
    expect(outcome).toMatchObject({ error: undefined, done: true });
    expect(deltas(outcome).map((delta) => delta['content'])).toEqual(['', 'Found.', undefined]);
  });

  it('takes text and reasoning whose blocks are announced', () => {
    const outcome = run(
      open(),
      frames(
        START,
        ['contentBlockStart', { contentBlockIndex: 0, start: { reasoningContent: {} } }],
        ['contentBlockDelta', { contentBlockIndex: 0, delta: { reasoningContent: { text: 'Hm.' } } }],
        ['contentBlockStop', { contentBlockIndex: 0 }],
        ['contentBlockStart', { contentBlockIndex: 1, start: {} }],
        ['contentBlockDelta', { contentBlockIndex: 1, delta: { text: 'Yes.' } }],
        stop('end_turn'),
        METADATA,
      ),
    );
    const all = deltas(outcome);
    expect([joined(all, 'reasoning_content'), joined(all, 'content')]).toEqual(['Hm.', 'Yes.']);
  });

  it('gives the forced call of a schema’s answer as text', () => {
    const decoder = open();
    const outcome = run(
      decoder,
      frames(
        START,
        ['contentBlockStart', { contentBlockIndex: 0, start: { toolUse: { toolUseId: 't', name: 'headrace_json_answer' } } }],
        ['contentBlockDelta', { contentBlockIndex: 0, delta: { toolUse: { input: '{"name":' } } }],
        ['contentBlockDelta', { contentBlockIndex: 0, delta: { toolUse: { input: '"Ada"}' } } }],
        ['contentBlockStop', { contentBlockIndex: 0 }],
        stop('tool_use'),
        METADATA,
      ),
    );
    expect(joined(deltas(outcome), 'content')).toBe('{"name":"Ada"}');
    expect(decoder.finishReason).toBe('stop');
    expect(outcome.text).not.toContain('tool_calls');
  });

  it('costs less than 20 µs an event', () => {
    const chunk = awsEvent('contentBlockDelta', { contentBlockIndex: 0, delta: { text: 'a few words' }, p: 'abcdefghij' });
    const decoder = open();
    decoder.push(Buffer.concat(frames(START)));
    const rounds = Array.from({ length: 5 }, () => {
      const start = performance.now();
      for (let count = 0; count < 2_000; count += 1) decoder.push(chunk);
      return (performance.now() - start) / 2;
    });
    expect(Math.min(...rounds)).toBeLessThan(20);
  });
});
