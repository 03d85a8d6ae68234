import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import { createSandbox, type Sandbox, type SandboxOptions } from './app.ts';
import type { Instructions } from './instructions.ts';

export interface TestSandbox extends Sandbox {
  readonly url: string;
  /** Posts a chat request; members of `body` go over the usual ones. */
  readonly chat: (body: object, init?: RequestInit) => Promise<Response>;
  /** The same by a client that sees the connection: what came, and how it ended. */
  readonly raw: (body: object) => RawCall;
}

export interface RawCall {
  readonly ended: Promise<RawAnswer>;
  /** Resolves when this text has been received. */
  readonly seen: (text: string) => Promise<void>;
  /** Resolves when the request has been sent. */
  readonly sent: Promise<unknown>;
  readonly abort: () => void;
}

export interface RawAnswer {
  readonly status: number | undefined;
  readonly contentType: string | undefined;
  readonly text: string;
  /** `end`: a complete HTTP answer; otherwise the code of the socket's error. */
  readonly end: string;
}

export const USER_MESSAGE = [{ role: 'user', content: 'hello there' }];

export async function startTestSandbox(options?: SandboxOptions): Promise<TestSandbox> {
  const sandbox = createSandbox(options);
  sandbox.server.listen(0, '127.0.0.1');
  await once(sandbox.server, 'listening');
  onTestFinished(() => sandbox.close());
  const url = `http://127.0.0.1:${(sandbox.server.address() as AddressInfo).port}`;
  const encode = (body: object) => JSON.stringify({ model: 'echo', messages: USER_MESSAGE, ...body });
  return {
    ...sandbox,
    url,
    chat: (body, init) => fetch(`${url}/v1/chat/completions`, { method: 'POST', body: encode(body), ...init }),
    raw: (body) => callRaw(`${url}/v1/chat/completions`, encode(body)),
  };
}

/** Told by the `sandbox` member alone. */
export function told(sandbox: Instructions, more: object = {}): object {
  return { sandbox, ...more };
}

function callRaw(url: string, body: string): RawCall {
  const req = request(url, { method: 'POST', agent: false });
  const ended = Promise.withResolvers<RawAnswer>();
  const waiting: { text: string; resolve: () => void }[] = [];
  let text = '';
  let head: IncomingMessage | undefined;
  const end = (how: string) => ended.resolve({ status: head?.statusCode, contentType: head?.headers['content-type'], text, end: how });
  req.on('error', (error: NodeJS.ErrnoException) => end(error.code ?? error.message));
  req.on('response', (res) => {
    head = res;
    res.setEncoding('utf8');
    res.on('data', (chunk: string) => {
      text += chunk;
      for (const one of waiting) if (text.includes(one.text)) one.resolve();
    });
    res.on('error', (error: NodeJS.ErrnoException) => end(error.code ?? error.message));
    res.on('end', () => end('end'));
  });
  const sent = once(req, 'finish');
  req.end(body);
  return {
    ended: ended.promise,
    sent,
    abort: () => req.destroy(),
    seen: (wanted) => {
      const { promise, resolve } = Promise.withResolvers<void>();
      waiting.push({ text: wanted, resolve });
      if (text.includes(wanted)) resolve();
      return promise;
    },
  };
}

/** Data of the events of a stream's text, `[DONE]` included. */
export function eventsOf(text: string): string[] {
  return text
    .split('\n\n')
    .filter((event) => event.startsWith('data: '))
    .map((event) => event.slice(6));
}

/** The text all content deltas of a stream make. */
export function textOf(text: string): string {
  return eventsOf(text)
    .filter((data) => data !== '[DONE]' && data.endsWith('}'))
    .map((data) => JSON.parse(data) as { choices?: { delta?: { content?: string | null } }[] })
    .map((chunk) => chunk.choices?.[0]?.delta?.content ?? '')
    .join('');
}
