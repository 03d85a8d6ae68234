import { Readable } from 'node:stream';
import { Agent, type Dispatcher } from 'undici';
import type { GatewayError } from '#contracts';
import { toUpstreamError, unsendable } from './upstream-error.ts';

export interface UpstreamRequest {
  /** `https://host[:port]` */
  readonly origin: string;
  /** Path and query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** POST when unset. A GET has no body: `body` is not sent. */
  readonly method?: 'GET' | 'POST' | undefined;
  readonly body: Uint8Array;
  /** Sent in place of `body`, piece by piece as the provider takes them; `headers` must state the length. */
  readonly openBody?: (() => AsyncIterable<Uint8Array>) | undefined;
  /** Milliseconds from sending to the answer's status line. */
  readonly headTimeoutMs: number;
  /** Milliseconds between two pieces of the answer. */
  readonly stallTimeoutMs: number;
}

/** Called in the order head, data*, then exactly one of end and error. Nothing follows an abort but `error`. */
export interface UpstreamListener {
  head(status: number, headers: Readonly<Record<string, string>>): void;
  data(chunk: Uint8Array): void;
  end(): void;
  error(error: GatewayError): void;
}

export interface UpstreamCall {
  /** Closes the connection to the provider at once; the listener gets `reason` as its error. */
  abort(reason: GatewayError): void;
  /** Stops reading from the provider: TCP's window closes and the provider waits. */
  pause(): void;
  resume(): void;
}

export interface Upstream {
  call(request: UpstreamRequest, listener: UpstreamListener): UpstreamCall;
  close(): Promise<void>;
}

const CONNECT_TIMEOUT_MS = 10_000;
/** Most providers and load balancers keep idle connections for at least a minute; shorter here than there avoids resets. */
const KEEP_ALIVE_MS = 20_000;

/**
 * HTTP/1.1 with keep-alive. `dispatch` with a handler is undici's cheapest path: no stream objects per answer.
 * HTTP/2 stays off: one connection's loss would take every stream on it along.
 */
export function createUpstream(): Upstream {
  const agent = new Agent({
    allowH2: false,
    pipelining: 1,
    keepAliveTimeout: KEEP_ALIVE_MS,
    keepAliveMaxTimeout: 10 * 60_000,
    connect: { timeout: CONNECT_TIMEOUT_MS, keepAlive: true, noDelay: true },
  });
  return {
    call: (request, listener) => startCall(agent, request, listener),
    close: () => agent.destroy(),
  };
}

function startCall(agent: Agent, request: UpstreamRequest, listener: UpstreamListener): UpstreamCall {
  const handler = createHandler(listener);
  try {
    agent.dispatch(
      {
        method: request.method ?? 'POST',
        origin: request.origin,
        path: request.path,
        headers: request.headers,
        body: bodyOf(request),
        headersTimeout: request.headTimeoutMs,
        bodyTimeout: request.stallTimeoutMs,
      },
      handler,
    );
  } catch (error) {
    handler.fail(unsendable(error));
  }
  return handler;
}

function bodyOf({ method, body, openBody }: UpstreamRequest): Uint8Array | Readable | null {
  if (method === 'GET') return null;
  return openBody === undefined ? body : Readable.from(openBody(), { objectMode: false });
}

interface Handler extends Dispatcher.DispatchHandler, UpstreamCall {
  fail(error: unknown): void;
}

function createHandler(listener: UpstreamListener): Handler {
  let controller: Dispatcher.DispatchController | undefined;
  let aborted: GatewayError | undefined;
  let hadHead = false;
  let over = false;
  const fail = (error: unknown): void => {
    if (over) return;
    over = true;
    listener.error(aborted ?? toUpstreamError(error, { hadHead }));
  };
  return {
    onRequestStart(started) {
      controller = started;
      if (aborted) started.abort(aborted);
    },
    onResponseStart(_controller, status, headers) {
      if (status < 200 || over) return;
      hadHead = true;
      listener.head(status, flatHeaders(headers));
    },
    onResponseData(_controller, chunk) {
      if (!over) listener.data(chunk);
    },
    onResponseEnd() {
      if (over) return;
      over = true;
      listener.end();
    },
    onResponseError(_controller, error) {
      fail(error);
    },
    fail,
    abort(reason) {
      if (over || aborted) return;
      aborted = reason;
      if (controller) controller.abort(reason);
      else fail(reason);
    },
    pause() {
      controller?.pause();
    },
    resume() {
      controller?.resume();
    },
  };
}

function flatHeaders(headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> {
  const flat: Record<string, string> = {};
  for (const name in headers) {
    const value = headers[name];
    if (value !== undefined) flat[name] = typeof value === 'string' ? value : value.join(', ');
  }
  return flat;
}
