import type http from 'node:http';
import { type ScriptedProvider, startScriptedProvider } from './scripted-provider.ts';

export interface SeenCall {
  /** Unix ms. */
  readonly at: number;
  /** The text of the last message. */
  readonly text: string;
  readonly inFlight: number;
}

export interface TimedProvider extends ScriptedProvider {
  readonly calls: readonly SeenCall[];
  readonly inFlight: number;
  readonly mostInFlight: number;
}

export interface TimedOptions {
  /** Milliseconds that a call takes, by how many are under way with it. */
  readonly takesMs: (inFlight: number, text: string) => number;
  readonly answer?: ((call: SeenCall, response: http.ServerResponse) => boolean) | undefined;
}

/** A provider of chat completions that takes its time and notes when it was called. */
export async function startTimedProvider(options: TimedOptions): Promise<TimedProvider> {
  const calls: SeenCall[] = [];
  let inFlight = 0;
  let mostInFlight = 0;
  const provider = await startScriptedProvider((request, response) => {
    inFlight += 1;
    mostInFlight = Math.max(mostInFlight, inFlight);
    const body = JSON.parse(request.body.toString()) as { messages: { content: string }[]; stream?: boolean };
    const call = { at: Date.now(), text: body.messages.at(-1)?.content ?? '', inFlight };
    calls.push(call);
    response.once('close', () => (inFlight -= 1));
    if (options.answer?.(call, response) === true) return;
    setTimeout(
      () => (body.stream === true ? sendStream(response, call.text) : sendAnswer(response, call.text)),
      options.takesMs(inFlight, call.text),
    );
  });
  return {
    ...provider,
    requests: provider.requests,
    get aborted() {
      return provider.aborted;
    },
    calls,
    get inFlight() {
      return inFlight;
    },
    get mostInFlight() {
      return mostInFlight;
    },
  };
}

function sendAnswer(response: http.ServerResponse, text: string): void {
  const answer = {
    id: 'x',
    object: 'chat.completion',
    created: 1,
    model: 'm',
    choices: [{ index: 0, message: { role: 'assistant', content: `re ${text}` }, finish_reason: 'stop' }],
    usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 },
  };
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
}

function sendStream(response: http.ServerResponse, text: string): void {
  const chunk = (delta: object, more: object = {}) =>
    `data: ${JSON.stringify({ id: 'x', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [{ index: 0, delta, finish_reason: null, ...more }] })}\n\n`;
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.write(chunk({ role: 'assistant', content: `re ${text}` }));
  response.write(chunk({}, { finish_reason: 'stop' }));
  response.end('data: [DONE]\n\n');
}

/** The most calls in any window of that length. */
export function mostInWindow(calls: readonly SeenCall[], windowMs: number): number {
  const times = calls.map(({ at }) => at).sort((a, b) => a - b);
  let most = 0;
  let from = 0;
  for (const [index, at] of times.entries()) {
    while (at - (times[from] ?? at) >= windowMs) from += 1;
    most = Math.max(most, index - from + 1);
  }
  return most;
}
