import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { DEFAULT_STREAMS } from '#config';
import { decodeFrame, FRAME, type Frame, frameMeta, type GatewayError, type SentPieces } from '#contracts';
import { openExchange } from '#dialects';
import type { UpstreamListener } from '#upstream';
import type { AttemptOutcome } from '../attempt-outcome.ts';
import { createFrameSender, type FrameSender } from '../frame-sender.ts';
import type { ListenerInput } from '../listener-input.ts';
import { createStreamListener } from '../stream-listener.ts';

let frames: Frame[];
let outcomes: AttemptOutcome[];
let aborted: GatewayError[];
let pauses: number;
let sender: FrameSender;
let input: ListenerInput;
let listener: UpstreamListener;

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000 });
  frames = [];
  outcomes = [];
  aborted = [];
  pauses = 0;
  sender = createFrameSender({ attempt: 1, delivery: 1, publish: (bytes) => frames.push(decodeFrame(bytes)), onRoom: () => undefined });
  input = {
    exchange: openExchange({
      clientDialect: 'openai-chat',
      providerDialect: 'openai-chat',
      stream: true,
      body: Buffer.from('{"model":"m","stream":true,"stream_options":{"include_usage":true},"messages":[{"role":"user","content":"hi"}]}'),
      upstreamModel: 'm',
      defaultParams: {},
      dropParams: false,
      quirks: {},
      clientHeaders: {},
      createdAt: 1,
      answerId: 'chatcmpl-1',
    }),
    sender,
    buildHead: (status, headers) => ({ status, headers: { from: headers['x-from'] ?? '' } }),
    now: Date.now,
    startedAt: 1_000,
    settle: (outcome) => outcomes.push(outcome),
    pause: () => (pauses += 1),
    abort: (reason) => aborted.push(reason),
  };
  listener = createStreamListener(input);
});

afterEach(() => {
  vi.useRealTimers();
});

const SSE = { 'content-type': 'text/event-stream; charset=utf-8', 'x-from': 'provider' };
const event = (value: unknown): Buffer => Buffer.from(`data: ${JSON.stringify(value)}\n\n`);
const delta = (content: Record<string, unknown>, finish: string | null = null) =>
  event({
    id: 'c',
    object: 'chat.completion.chunk',
    created: 1,
    model: 'm',
    choices: [{ index: 0, delta: content, finish_reason: finish }],
  });
const role = () => delta({ role: 'assistant', content: '' });
const DONE = Buffer.from('data: [DONE]\n\n');
const failure = event({ error: { message: 'overloaded', type: 'server_error', code: 'overloaded' } });

const kinds = (): number[] => frames.map((frame) => frame.kind);
const relayedText = (): string => Buffer.concat(frames.filter((frame) => frame.kind === FRAME.data).map((frame) => frame.body)).toString();

describe('a stream whose failure is to be made good', () => {
  const PLAN = { sent: undefined, settings: DEFAULT_STREAMS } as const;
  const listen = (change: Partial<ListenerInput>): void => {
    listener = createStreamListener({ ...input, ...change });
    listener.head(200, SSE);
  };
  const continuable = () =>
    openExchange({
      clientDialect: 'openai-chat',
      providerDialect: 'openai-chat',
      stream: true,
      body: Buffer.from('{"model":"m","stream":true,"messages":[{"role":"user","content":"hi"}]}'),
      upstreamModel: 'm',
      defaultParams: {},
      dropParams: false,
      quirks: {},
      clientHeaders: {},
      createdAt: 1,
      answerId: '1',
      continuation: {},
    });

  test('"continue": what left is told with the frames, and left for the next attempt', () => {
    listen({ exchange: continuable(), policy: { ...PLAN, onFailure: 'continue' } });
    listener.data(Buffer.concat([role(), delta({ content: 'Hel' })]));
    listener.data(delta({ content: 'lo' }));
    listener.data(failure);
    const shown = frames.filter((frame) => frame.kind === FRAME.data).map((frame) => frameMeta<SentPieces>(frame));
    expect(shown).toEqual([{ model: 'm', text: ['Hel'] }, { text: ['lo'] }]);
    expect(outcomes).toMatchObject([{ relayed: true, recovery: { kind: 'continue', sent: { text: ['Hel', 'lo'] } } }]);
  });

  test('"continue": a stream that shows more than text is left to nobody', () => {
    listen({ exchange: continuable(), policy: { ...PLAN, onFailure: 'continue' } });
    listener.data(delta({ content: 'Hel' }));
    listener.data(delta({ tool_calls: [{ index: 0, id: 'c', function: { name: 'f', arguments: '{' } }] }));
    listener.data(failure);
    expect(outcomes).toMatchObject([{ relayed: true, recovery: undefined }]);
  });

  test('"restart": another attempt begins anew', () => {
    listen({ policy: { ...PLAN, onFailure: 'restart' } });
    listener.data(delta({ content: 'Hel' }));
    listener.data(failure);
    expect(outcomes).toMatchObject([{ relayed: true, recovery: { kind: 'restart' } }]);
  });

  test('"buffer": nothing but the head leaves before the answer is whole', () => {
    listen({ policy: { ...PLAN, onFailure: 'buffer' } });
    listener.data(Buffer.concat([role(), delta({ content: 'Hel' })]));
    listener.data(delta({ content: 'lo' }, 'stop'));
    vi.advanceTimersByTime(5_000);
    expect(kinds()).toEqual([FRAME.head]);
    listener.data(DONE);
    expect(relayedText()).toContain('"content":"Hel"');
    expect(outcomes).toMatchObject([{ status: 'success', relayed: true }]);
  });

  test('"buffer": a failure before the end leaves nothing, and an answer above the limit is refused', () => {
    listen({ policy: { ...PLAN, onFailure: 'buffer' } });
    listener.data(delta({ content: 'Hel' }));
    listener.data(failure);
    expect(outcomes).toMatchObject([{ relayed: false, recovery: undefined }]);
    listen({ policy: { onFailure: 'buffer', sent: undefined, settings: { ...DEFAULT_STREAMS, bufferBytes: 300 } } });
    for (let i = 0; i < 3; i += 1) listener.data(delta({ content: 'word' }));
    expect(outcomes.at(-1)?.error).toMatchObject({ code: 'upstream_invalid_response', retry: 'never' });
    expect(aborted.at(-1)?.message).toContain('300 bytes');
    expect(relayedText()).toBe('');
  });

  test('the head leaves when the configuration says', () => {
    listen({ policy: { onFailure: 'error', sent: undefined, settings: { ...DEFAULT_STREAMS, holdBackMs: 20 } } });
    vi.advanceTimersByTime(20);
    expect(kinds()).toEqual([FRAME.head]);
  });

  test('a limit of the deployment aborts the call and says which one it was', () => {
    listen({ timeouts: { interChunkMs: 500 } });
    listener.data(delta({ content: 'Hel' }));
    listener.data(Buffer.from(': ping\n\n'));
    vi.advanceTimersByTime(500);
    expect(outcomes).toMatchObject([{ error: { code: 'upstream_timeout' } }]);
    expect(aborted).toHaveLength(1);
  });
});
