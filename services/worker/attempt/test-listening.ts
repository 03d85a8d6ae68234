import { afterEach, beforeEach, vi } from 'vitest';
import { decodeFrame, FRAME, type Frame, type GatewayError } from '#contracts';
import { type Exchange, type ExchangeInput, openExchange } from '#dialects';
import type { AttemptOutcome } from './attempt-outcome.ts';
import { createFrameSender, type FrameSender } from './frame-sender.ts';
import type { ListenerInput } from './listener-input.ts';

/** A chat request of an OpenAI client for an OpenAI provider. */
export function openChat(body: object, changes: Partial<ExchangeInput> = {}): Exchange {
  return openExchange({
    clientDialect: 'openai-chat',
    providerDialect: 'openai-chat',
    stream: true,
    body: Buffer.from(JSON.stringify({ model: 'm', messages: [{ role: 'user', content: 'hi' }], ...body })),
    upstreamModel: 'm',
    defaultParams: {},
    dropParams: false,
    quirks: {},
    clientHeaders: {},
    createdAt: 1,
    answerId: 'chatcmpl-1',
    ...changes,
  });
}

/** What a listener for a stream is given, and what it made of it. */
export interface Listening {
  readonly input: ListenerInput;
  readonly sender: FrameSender;
  readonly frames: Frame[];
  readonly outcomes: AttemptOutcome[];
  readonly aborted: GatewayError[];
  pauses: number;
}

/** A new one for each test of a file, at 1,000 on a clock that the test moves. */
export function useListening(): Listening {
  const listening = {} as Listening;
  beforeEach(() => {
    vi.useFakeTimers({ now: 1_000 });
    createListening(listening);
  });
  afterEach(() => {
    vi.useRealTimers();
  });
  return listening;
}

/** Into `listening`, where one is given. `now` is the clock of the test (`vi.useFakeTimers({ now: 1_000 })`). */
export function createListening(listening = {} as Listening): Listening {
  const frames: Frame[] = [];
  const outcomes: AttemptOutcome[] = [];
  const aborted: GatewayError[] = [];
  const sender = createFrameSender({
    attempt: 1,
    delivery: 1,
    publish: (bytes) => frames.push(decodeFrame(bytes)),
    onRoom: () => undefined,
  });
  const input: ListenerInput = {
    exchange: openChat({ stream: true, stream_options: { include_usage: true } }),
    sender,
    buildHead: (status, headers) => ({ status, headers: { from: headers['x-from'] ?? '' } }),
    now: Date.now,
    startedAt: 1_000,
    settle: (outcome) => outcomes.push(outcome),
    pause: () => (listening.pauses += 1),
    abort: (reason) => aborted.push(reason),
  };
  return Object.assign(listening, { input, sender, frames, outcomes, aborted, pauses: 0 } satisfies Listening);
}

/** The bytes of the answer that have left. */
export function relayedText(frames: readonly Frame[]): string {
  return Buffer.concat(frames.filter((frame) => frame.kind === FRAME.data).map((frame) => frame.body)).toString();
}

export const SSE = { 'content-type': 'text/event-stream; charset=utf-8', 'x-from': 'provider' };
export const DONE = Buffer.from('data: [DONE]\n\n');

/** One event of a provider's stream. */
export function event(value: unknown): Buffer {
  return Buffer.from(`data: ${JSON.stringify(value)}\n\n`);
}

export function delta(content: Record<string, unknown>, finish: string | null = null): Buffer {
  return event({
    id: 'c',
    object: 'chat.completion.chunk',
    created: 1,
    model: 'm',
    choices: [{ index: 0, delta: content, finish_reason: finish }],
  });
}

export const role = (): Buffer => delta({ role: 'assistant', content: '' });
export const failure = event({ error: { message: 'overloaded', type: 'server_error', code: 'overloaded' } });
