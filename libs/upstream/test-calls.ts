import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import type { GatewayError } from '#contracts';
import { waitFor } from '#testing';
import { createUpstream, type Upstream, type UpstreamCall, type UpstreamListener } from './upstream.ts';

export type CallChange = Partial<Parameters<Upstream['call']>[0]>;

/** Calls to a provider that is raw TCP. */
export interface TestCalls {
  readonly upstream: Upstream;
  readonly sockets: readonly Socket[];
  /** What the provider does with a connection once the request is in. */
  act: (socket: Socket) => void;
  call(listener: UpstreamListener, change?: CallChange): UpstreamCall;
  close(): Promise<void>;
}

export async function startCalls(): Promise<TestCalls> {
  const sockets: Socket[] = [];
  const provider = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined);
    socket.once('data', () => calls.act(socket));
  });
  provider.listen(0, '127.0.0.1');
  await once(provider, 'listening');
  const address = provider.address();
  const origin = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
  const upstream = createUpstream();
  const base = { origin, path: '/v1/x', headers: {}, body: Buffer.from('{}'), headTimeoutMs: 5_000, stallTimeoutMs: 5_000 };
  const calls: TestCalls = {
    upstream,
    sockets,
    act: () => undefined,
    call: (listener, change = {}) => upstream.call({ ...base, ...change }, listener),
    close: async () => {
      await upstream.close();
      for (const socket of sockets) socket.destroy();
      provider.close();
    },
  };
  return calls;
}

/** What a listener was told. */
export interface Recorded extends UpstreamListener {
  readonly events: string[];
  body: string;
  bytes: number;
  headers: Readonly<Record<string, string>>;
  failure: GatewayError | undefined;
}

export function recorder(): Recorded {
  const recorded: Recorded = {
    events: [],
    body: '',
    bytes: 0,
    headers: {},
    failure: undefined,
    head(status, headers) {
      recorded.events.push(`head ${status}`);
      recorded.headers = headers;
    },
    data(chunk) {
      if (recorded.events.at(-1) !== 'data') recorded.events.push('data');
      recorded.bytes += chunk.length;
      if (recorded.bytes < 10_000) recorded.body += Buffer.from(chunk).toString();
    },
    end: () => void recorded.events.push('end'),
    error(error) {
      recorded.events.push(`error ${error.code}`);
      recorded.failure = error;
    },
  };
  return recorded;
}

export const over = (recorded: Recorded) =>
  waitFor(() => recorded.events.some((event) => event === 'end' || event.startsWith('error')), {
    what: 'the call to end',
    timeoutMs: 8_000,
  });

export const HEAD = 'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n';
export const chunk = (text: string): string => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;
