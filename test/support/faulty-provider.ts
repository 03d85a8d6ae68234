import type http from 'node:http';
import { type ScriptedProvider, startScriptedProvider } from './scripted-provider.ts';

/** What a provider does that does not answer as it should, before any text. */
export const FAULTS = {
  'limited-with-wait': (response) => fail(response, 429, 'slow down', { 'retry-after': '2' }),
  limited: (response) => fail(response, 429, 'slow down'),
  overloaded: (response) => fail(response, 529, 'Overloaded'),
  broken: (response) => fail(response, 500, 'internal'),
  'bad-key': (response) => fail(response, 401, 'Incorrect API key provided'),
  'no-quota': (response) => fail(response, 429, 'You exceeded your current quota', {}, 'insufficient_quota'),
  'bad-request': (response) => fail(response, 400, 'temperature must be at most 2'),
  'too-long': (response) => fail(response, 400, 'too long', {}, 'context_length_exceeded'),
  refused: (response) => fail(response, 400, 'refused', {}, 'content_policy_violation'),
  reset: (response) => response.socket?.resetAndDestroy(),
  'reset-after-head': (response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': '5000' });
    response.write('{"id":"x"', () => response.socket?.resetAndDestroy());
  },
  html: (response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<html>Welcome to the hotel network</html>'),
  'error-event': (response) =>
    response
      .writeHead(200, { 'content-type': 'text/event-stream' })
      .end('data: {"error":{"message":"overloaded","type":"server_error"}}\n\n'),
} as const satisfies Record<string, (response: http.ServerResponse) => unknown>;

export type Fault = keyof typeof FAULTS;

function fail(response: http.ServerResponse, status: number, message: string, headers: Record<string, string> = {}, code = 'failed'): void {
  response
    .writeHead(status, { 'content-type': 'application/json', ...headers })
    .end(JSON.stringify({ error: { message, type: code, code } }));
}

export interface FaultyProvider extends ScriptedProvider {
  /** Calls for a model so far. */
  calls(model: string): number;
  /** When they came (ms of `performance.now()`). */
  times(model: string): readonly number[];
  /** From now on this model answers as it should. */
  heal(model: string): void;
  /** From now on this model fails. */
  harm(model: string, fault: Fault): void;
}

/** A provider whose models are named for what they do: `broken`, `broken-2` and so on; all others answer. */
export async function startFaultyProvider(options: { readonly answerAfterMs?: number } = {}): Promise<FaultyProvider> {
  const calls = new Map<string, number[]>();
  const changed = new Map<string, Fault | undefined>();
  const faultOf = (model: string): Fault | undefined =>
    changed.has(model) ? changed.get(model) : (Object.keys(FAULTS) as Fault[]).find((fault) => model.replace(/-\d+$/, '') === fault);
  const provider = await startScriptedProvider((request, response) => {
    const body = JSON.parse(request.body.toString()) as { readonly model: string; readonly stream?: boolean };
    calls.set(body.model, [...(calls.get(body.model) ?? []), performance.now()]);
    const fault = faultOf(body.model);
    if (fault !== undefined) return void FAULTS[fault](response);
    if (options.answerAfterMs === undefined) return answer(response, body);
    setTimeout(() => answer(response, body), options.answerAfterMs);
  });
  return {
    ...provider,
    calls: (model) => calls.get(model)?.length ?? 0,
    times: (model) => calls.get(model) ?? [],
    heal: (model) => void changed.set(model, undefined),
    harm: (model, fault) => void changed.set(model, fault),
  };
}

function answer(response: http.ServerResponse, { model, stream }: { readonly model: string; readonly stream?: boolean }): void {
  const usage = { prompt_tokens: 5, completion_tokens: 1, total_tokens: 6 };
  if (stream !== true) {
    const choices = [{ index: 0, message: { role: 'assistant', content: model }, finish_reason: 'stop' }];
    response
      .writeHead(200, { 'content-type': 'application/json' })
      .end(JSON.stringify({ id: 'x', object: 'chat.completion', model, choices, usage }));
    return;
  }
  const event = (choices: unknown[], more = {}) =>
    `data: ${JSON.stringify({ id: 'x', object: 'chat.completion.chunk', created: 1, model, choices, ...more })}\n\n`;
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.end(
    `${event([{ index: 0, delta: { content: model } }])}${event([{ index: 0, delta: {}, finish_reason: 'stop' }])}${event([], { usage })}data: [DONE]\n\n`,
  );
}
