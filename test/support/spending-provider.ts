import type http from 'node:http';
import { type ScriptedProvider, startScriptedProvider } from './scripted-provider.ts';

/** What one call came to by the provider's own count. */
export interface SpendingCall {
  /** The text of the last message. */
  readonly text: string;
  readonly stream: boolean;
  /** Output tokens that have left; of an answer in one piece all of them, when it has left. */
  tokens: number;
  state: 'running' | 'completed' | 'aborted';
  /** Unix milliseconds. */
  readonly startedAt: number;
  endedAt: number;
}

export interface SpendingProvider extends ScriptedProvider {
  readonly calls: readonly SpendingCall[];
  readonly inFlight: number;
  /** The most calls at a time. A call that was cut off counts to the moment when that can have been noticed by nobody but us: see `NOTICED_MS`. */
  mostInFlight(since?: number): number;
}

export interface SpendingOptions {
  /** How long the answer would be if nobody stopped it. */
  readonly lengthOf: (call: SpendingCall, index: number) => number;
  /** Milliseconds between two tokens, or in all for an answer in one piece. */
  readonly tokenMs: number;
  readonly answerMs: number;
  /** Tells with every event what it has come to so far, as vLLM does with `continuous_usage_stats`. */
  readonly statesUsage?: boolean | undefined;
}

/** A provider of chat completions with a meter: an event is a token, and what has left is billed, also when its client goes away. Its input is free. */
export async function startSpendingProvider(options: SpendingOptions): Promise<SpendingProvider> {
  const calls: SpendingCall[] = [];
  const running = (): number => calls.reduce((count, { state }) => count + (state === 'running' ? 1 : 0), 0);
  const provider = await startScriptedProvider((request, response) => {
    const body = JSON.parse(request.body.toString()) as { messages: { content: string }[]; stream?: boolean; max_tokens?: number };
    const call: SpendingCall = {
      text: body.messages.at(-1)?.content ?? '',
      stream: body.stream === true,
      tokens: 0,
      state: 'running',
      startedAt: Date.now(),
      endedAt: Infinity,
    };
    const length = Math.min(options.lengthOf(call, calls.length), body.max_tokens ?? Infinity);
    calls.push(call);
    response.on('close', () => {
      call.state = response.writableFinished ? 'completed' : 'aborted';
      call.endedAt = Date.now();
    });
    if (call.stream) stream(call, length, response, options);
    else answer(call, length, response, options);
  });
  return {
    url: provider.url,
    requests: provider.requests,
    close: provider.close,
    get aborted() {
      return provider.aborted;
    },
    calls,
    get inFlight() {
      return running();
    },
    mostInFlight: (since = 0) => mostOverlapping(calls.slice(since)),
  };
}

/** A closed connection shows here when this process gets to it, behind a request that was sent after it. */
const NOTICED_MS = 200;

function mostOverlapping(calls: readonly SpendingCall[]): number {
  const moments = calls.flatMap(({ startedAt, endedAt, state }) => {
    const end = state === 'aborted' ? Math.max(startedAt, endedAt - NOTICED_MS) : endedAt;
    return end > startedAt
      ? [
          { at: startedAt, by: 1 },
          { at: end, by: -1 },
        ]
      : [];
  });
  let now = 0;
  return Math.max(0, ...moments.toSorted((a, b) => a.at - b.at || a.by - b.by).map(({ by }) => (now += by)));
}

const usageOf = (tokens: number) => ({ prompt_tokens: 0, completion_tokens: tokens, total_tokens: tokens });

function answer(call: SpendingCall, tokens: number, response: http.ServerResponse, { answerMs }: SpendingOptions): void {
  setTimeout(() => {
    if (response.destroyed) return;
    call.tokens = tokens;
    const choices = [{ index: 0, message: { role: 'assistant', content: 'done' }, finish_reason: 'stop' }];
    const body = { id: 'x', object: 'chat.completion', created: 1, model: 'm', choices, usage: usageOf(tokens) };
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  }, answerMs);
}

function stream(call: SpendingCall, length: number, response: http.ServerResponse, { tokenMs, statesUsage }: SpendingOptions): void {
  const event = (choices: readonly object[]): string => {
    const usage = statesUsage === true || choices.length === 0 ? { usage: usageOf(call.tokens) } : {};
    return `data: ${JSON.stringify({ id: 'x', object: 'chat.completion.chunk', created: 1, model: 'm', choices, ...usage })}\n\n`;
  };
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  const timer = setInterval(() => {
    if (response.destroyed) return clearInterval(timer);
    if (call.tokens < length) {
      call.tokens += 1;
      return void response.write(event([{ index: 0, delta: { content: 'tick ' }, finish_reason: null }]));
    }
    clearInterval(timer);
    response.write(event([{ index: 0, delta: {}, finish_reason: 'stop' }]));
    response.write(event([]));
    response.end('data: [DONE]\n\n');
  }, tokenMs);
}
