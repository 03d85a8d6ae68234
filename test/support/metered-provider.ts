import type http from 'node:http';
import { type ScriptedProvider, startScriptedProvider } from './scripted-provider.ts';

/** A call as the provider's own meter has it. */
export interface MeteredCall {
  /** Its `x-request-id`. */
  readonly id: string;
  readonly model: string;
  /** The text of the last message. */
  readonly asked: string;
  readonly promptTokens: number;
  /** Of the whole answer. */
  readonly completionTokens: number;
  /** `answered`: to the last byte; `failed`: with a status of 500 or 529; `cut`: by the caller. */
  readonly outcome: 'open' | 'answered' | 'failed' | 'cut';
}

export interface MeteredProvider extends ScriptedProvider {
  readonly calls: readonly MeteredCall[];
}

export interface MeteredOptions {
  /** What stands before the number of a call in its id. */
  readonly name: string;
  readonly tokens: number;
  readonly firstTokenMs: number;
  readonly betweenTokensMs: number;
  /** The status that the nth call of a model fails with; undefined: it is answered. */
  readonly failureOf: (model: string, call: number) => number | undefined;
}

type OpenCall = { -readonly [field in keyof MeteredCall]: MeteredCall[field] };

/** A provider of chat completions whose every token tells which call it belongs to: `<call>.<n>`. */
export async function startMeteredProvider(options: MeteredOptions): Promise<MeteredProvider> {
  const calls: MeteredCall[] = [];
  const counts = new Map<string, number>();
  const provider = await startScriptedProvider((request, response) => {
    const { model, messages, stream } = JSON.parse(request.body.toString()) as ChatBody;
    const count = (counts.get(model) ?? 0) + 1;
    counts.set(model, count);
    const number = calls.length;
    const call: OpenCall = {
      id: `${options.name}-${number}`,
      model,
      asked: messages.at(-1)?.content ?? '',
      promptTokens: 3 + (number % 11),
      completionTokens: options.tokens,
      outcome: 'open',
    };
    calls.push(call);
    const failure = options.failureOf(model, count);
    response.on('close', () => {
      if (!response.writableFinished) call.outcome = 'cut';
      else call.outcome = failure === undefined ? 'answered' : 'failed';
    });
    response.setHeader('x-request-id', call.id);
    if (failure !== undefined) return fail(response, failure);
    setTimeout(() => (stream === true ? sendStream(call, response, options) : sendAnswer(call, response)), options.firstTokenMs);
  });
  return { ...provider, calls };
}

interface ChatBody {
  readonly model: string;
  readonly messages: readonly { readonly content: string }[];
  readonly stream?: boolean;
}

/** The text of a whole answer of one call. */
export function textOfCall(call: Pick<MeteredCall, 'id' | 'completionTokens'>): string {
  return Array.from({ length: call.completionTokens }, (_, index) => tokenOf(call, index)).join('');
}

function tokenOf(call: Pick<MeteredCall, 'id'>, index: number): string {
  return `${call.id}.${index} `;
}

function usageOf({ promptTokens, completionTokens }: MeteredCall) {
  return { prompt_tokens: promptTokens, completion_tokens: completionTokens, total_tokens: promptTokens + completionTokens };
}

function fail(response: http.ServerResponse, status: number): void {
  response
    .writeHead(status, { 'content-type': 'application/json' })
    .end(JSON.stringify({ error: { message: 'Not now', type: 'server_error', code: null } }));
}

function sendAnswer(call: MeteredCall, response: http.ServerResponse): void {
  const choices = [{ index: 0, message: { role: 'assistant', content: textOfCall(call) }, finish_reason: 'stop' }];
  response
    .writeHead(200, { 'content-type': 'application/json' })
    .end(JSON.stringify({ id: call.id, object: 'chat.completion', created: 1, model: call.model, choices, usage: usageOf(call) }));
}

function sendStream(call: MeteredCall, response: http.ServerResponse, { betweenTokensMs }: MeteredOptions): void {
  const write = (choices: readonly object[], more: object = {}): void => {
    const chunk = { id: call.id, object: 'chat.completion.chunk', created: 1, model: call.model, choices, ...more };
    response.write(`data: ${JSON.stringify(chunk)}\n\n`);
  };
  let sent = 0;
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  const timer = setInterval(() => {
    if (sent < call.completionTokens) return write([{ index: 0, delta: { content: tokenOf(call, sent++) }, finish_reason: null }]);
    clearInterval(timer);
    write([{ index: 0, delta: {}, finish_reason: 'stop' }]);
    write([], { usage: usageOf(call) });
    response.end('data: [DONE]\n\n');
  }, betweenTokensMs);
  response.once('close', () => clearInterval(timer));
}
