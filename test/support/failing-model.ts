import type http from 'node:http';
import { type ProviderRequest, type ScriptedProvider, startScriptedProvider } from './scripted-provider.ts';

/** What the model says, token by token. */
export const TOKENS = Array.from({ length: 100 }, (_, index) => `word${index} `);
export const WHOLE_TEXT = TOKENS.join('');

/**
 * A provider that fails as the model's name says: `<fault>@<tokens>,<second>`. The first call of a conversation fails so after that
 * many tokens (-1: before the head); the next one, recognised by the text so far in it or by its number, answers as `second` says.
 *
 * faults: reset, close, stall, drip, error-event, html, bad-json, json, length
 * second: exact (goes on where the text stopped), repeats (the last words first), anew (the whole text), again (fails again), tool
 */
export async function startFailingModel(): Promise<ScriptedProvider> {
  const asked = new Map<string, number>();
  return startScriptedProvider((request, response) => {
    const body = JSON.parse(request.body.toString()) as { model: string; user?: string; messages: Turn[] };
    const [fault = '', second = 'anew'] = body.model.split(',');
    const key = `${body.model} ${textOf(body.messages[0])}`;
    const times = (asked.get(key) ?? 0) + 1;
    asked.set(key, times);
    const write = request.path.includes('messages') ? anthropicWriter(response) : chatWriter(response);
    const [kind = '', after = '0'] = fault.split('@');
    if (fault.includes('@') && (times === 1 || second === 'again'))
      return fail(kind, Number(after), sentIn(body.messages), write, response);
    answer(second, sentIn(body.messages), write);
  });
}

interface Turn {
  readonly role: string;
  readonly content: string | { readonly text: string }[];
}

interface Writer {
  head(): void;
  text(text: string): void;
  tool(text: string): void;
  finish(): void;
}

function textOf(turn: Turn | undefined): string {
  const content = turn?.content ?? '';
  return typeof content === 'string' ? content : content.map(({ text }) => text).join('');
}

function sentIn(messages: readonly Turn[]): string {
  return textOf(messages.find(({ role }) => role === 'assistant'));
}

function fail(kind: string, after: number, sent: string, write: Writer, response: http.ServerResponse): void {
  if (after < 0) return kind === 'reset' ? void response.destroy() : undefined;
  if (kind === 'html') return void response.writeHead(200, { 'content-type': 'text/html' }).end('<html><body>Bad day</body></html>');
  if (kind === 'json') return void response.writeHead(200, { 'content-type': 'application/json' }).end('{"hello":1}');
  write.head();
  if (kind === 'tool') return writeTool(write, response);
  const from = sent === '' ? 0 : sent.trimEnd().split(' ').length;
  for (let index = from; index < from + after; index += 1) write.text(TOKENS[index % TOKENS.length] ?? '');
  if (kind === 'drip') return drip(write, response);
  // what was written must have left before the connection is cut
  if (kind !== 'stall') setTimeout(() => breakOff(kind, response), 50);
}

function breakOff(kind: string, response: http.ServerResponse): void {
  if (kind === 'error-event')
    return void response.end('data: {"error":{"message":"overloaded","type":"server_error","code":"overloaded"}}\n\n');
  if (kind === 'bad-json') return void response.end('data: {"id":"1","choices":[{"index":0,"del\n\n');
  if (kind === 'close') return void response.end();
  response.destroy();
}

/** One token every 100 ms, for ever. */
function drip(write: Writer, response: http.ServerResponse): void {
  const timer = setInterval(() => write.text('drop '), 100);
  response.on('close', () => clearInterval(timer));
}

function writeTool(write: Writer, response: http.ServerResponse): void {
  write.text('Let me look. ');
  write.tool('{"city":"Par');
  setTimeout(() => response.destroy(), 50);
}

function answer(second: string, sent: string, write: Writer): void {
  write.head();
  const words = sent.split(' ');
  const repeated = words.slice(-4).join(' ');
  const from = second === 'anew' ? 0 : second === 'repeats' ? Math.max(0, sent.length - repeated.length) : sent.length;
  for (const token of WHOLE_TEXT.slice(from).match(/.{1,9}/gu) ?? []) write.text(token);
  write.finish();
}

const USAGE = { prompt_tokens: 10, completion_tokens: 20, total_tokens: 30 };

function chatWriter(response: http.ServerResponse): Writer {
  const chunk = (delta: object, finish_reason: string | null = null): boolean =>
    response.write(
      `data: ${JSON.stringify({ id: 'c1', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [{ index: 0, delta, finish_reason }] })}\n\n`,
    );
  return {
    head: () => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.flushHeaders();
    },
    text: (content) => void chunk({ content }),
    tool: (args) =>
      void chunk({ tool_calls: [{ index: 0, id: 'call_1', type: 'function', function: { name: 'weather', arguments: args } }] }),
    finish: () => {
      chunk({}, 'stop');
      response.end(`data: ${JSON.stringify({ id: 'c1', object: 'chat.completion.chunk', choices: [], usage: USAGE })}\n\ndata: [DONE]\n\n`);
    },
  };
}

function anthropicWriter(response: http.ServerResponse): Writer {
  const event = (type: string, fields: object): boolean =>
    response.write(`event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`);
  return {
    head: () => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      const message = {
        id: 'msg_1',
        type: 'message',
        role: 'assistant',
        model: 'm',
        content: [],
        stop_reason: null,
        usage: { input_tokens: 10, output_tokens: 1 },
      };
      event('message_start', { message });
      event('content_block_start', { index: 0, content_block: { type: 'text', text: '' } });
    },
    text: (text) => void event('content_block_delta', { index: 0, delta: { type: 'text_delta', text } }),
    tool: () => undefined,
    finish: () => {
      event('content_block_stop', { index: 0 });
      event('message_delta', { delta: { stop_reason: 'end_turn', stop_sequence: null }, usage: { output_tokens: 20 } });
      event('message_stop', {});
      response.end();
    },
  };
}

export type { ProviderRequest };
