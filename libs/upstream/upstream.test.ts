import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { GatewayError } from '#contracts';
import { waitFor } from '#testing';
import { createUpstream, type Upstream, type UpstreamCall, type UpstreamListener } from './upstream.ts';

/** A provider as raw TCP: what it does with a connection once the request is in. */
let provider: Server;
let upstream: Upstream;
let sockets: Socket[];
let act: (socket: Socket) => void;

beforeEach(async () => {
  sockets = [];
  act = () => undefined;
  provider = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined);
    socket.once('data', () => act(socket));
  });
  provider.listen(0, '127.0.0.1');
  await once(provider, 'listening');
  upstream = createUpstream();
});

afterEach(async () => {
  await upstream.close();
  for (const socket of sockets) socket.destroy();
  provider.close();
});

interface Recorded extends UpstreamListener {
  readonly events: string[];
  body: string;
  bytes: number;
  headers: Readonly<Record<string, string>>;
  failure: GatewayError | undefined;
}

function recorder(): Recorded {
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

function call(listener: UpstreamListener, change: Partial<Parameters<Upstream['call']>[0]> = {}): UpstreamCall {
  const address = provider.address();
  const port = typeof address === 'object' ? address?.port : 0;
  return upstream.call(
    {
      origin: `http://127.0.0.1:${port}`,
      path: '/v1/x',
      headers: {},
      body: Buffer.from('{}'),
      headTimeoutMs: 5_000,
      stallTimeoutMs: 5_000,
      ...change,
    },
    listener,
  );
}

const over = (recorded: Recorded) =>
  waitFor(() => recorded.events.some((event) => event === 'end' || event.startsWith('error')), {
    what: 'the call to end',
    timeoutMs: 8_000,
  });

const HEAD = 'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n';
const chunk = (text: string): string => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;

describe('an answer', () => {
  test('arrives as head, data and end, once each', async () => {
    act = (socket) => socket.write(`${HEAD}${chunk('hello ')}${chunk('world')}0\r\n\r\n`);
    const got = recorder();
    call(got);
    await over(got);
    expect(got.events).toEqual(['head 200', 'data', 'end']);
    expect(got.body).toBe('hello world');
    expect(got.headers['content-type']).toBe('text/event-stream');
  });

  test('of an error status is an answer, not a failure', async () => {
    act = (socket) => socket.write('HTTP/1.1 529 Overloaded\r\nretry-after: 3\r\ncontent-length: 4\r\n\r\nbusy');
    const got = recorder();
    call(got);
    await over(got);
    expect(got.events).toEqual(['head 529', 'data', 'end']);
    expect(got.headers['retry-after']).toBe('3');
  });

  test('after an informational one is the one that counts', async () => {
    act = (socket) => socket.write('HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok');
    const got = recorder();
    call(got);
    await over(got);
    expect(got.events).toEqual(['head 200', 'data', 'end']);
  });

  test('with a header twice has both values', async () => {
    act = (socket) => socket.write('HTTP/1.1 200 OK\r\nx-limit: 1\r\nx-limit: 2\r\ncontent-length: 0\r\n\r\n');
    const got = recorder();
    call(got);
    await over(got);
    expect(got.headers['x-limit']).toBe('1, 2');
  });
});

describe('a failing provider', () => {
  test.each<[string, (socket: Socket) => void, string[]]>([
    ['that resets before its head is unreachable', (socket) => socket.resetAndDestroy(), ['error upstream_unreachable']],
    ['that closes before its head is unreachable', (socket) => socket.end(), ['error upstream_unreachable']],
    [
      'that speaks something else sent an invalid response',
      (socket) => socket.write('SSH-2.0-OpenSSH_9.2\r\n'),
      ['error upstream_invalid_response'],
    ],
    [
      'that sends random bytes sent an invalid response',
      (socket) => socket.write(Buffer.from([0, 255, 1, 254])),
      ['error upstream_invalid_response'],
    ],
  ])('%s', async (_what, does, events) => {
    act = does;
    const got = recorder();
    call(got);
    await over(got);
    expect(got.events).toEqual(events);
    expect(got.failure?.retry).toBe('anywhere');
  });

  test.each<[string, (socket: Socket) => void]>([
    ['resets the connection', (socket) => socket.resetAndDestroy()],
    ['closes the connection', (socket) => socket.end()],
    ['closes inside a chunk', (socket) => socket.end('ff\r\nhalf')],
  ])('that %s in the middle of its answer truncated it: never a clean end', async (_what, cut) => {
    act = (socket) => socket.write(`${HEAD}${chunk('part')}`);
    const got = recorder();
    call(got);
    await waitFor(() => got.body === 'part', { what: 'the first part' });
    sockets.forEach(cut);
    await over(got);
    expect(got.events.at(-1)).toBe('error upstream_truncated');
    expect(got.events).not.toContain('end');
  });

  test('that sends less than its content-length truncated the answer', async () => {
    act = (socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nshort');
    const got = recorder();
    call(got);
    await over(got);
    expect(got.events.at(-1)).toBe('error upstream_truncated');
  });

  test('that nobody listens for is unreachable, and the client is not told its address', async () => {
    const got = recorder();
    const closed = createServer().listen(0, '127.0.0.1');
    await once(closed, 'listening');
    const address = closed.address();
    const port = typeof address === 'object' ? address?.port : 0;
    closed.close();
    await once(closed, 'close');
    call(got, { origin: `http://127.0.0.1:${port}` });
    await over(got);
    expect(got.events).toEqual(['error upstream_unreachable']);
    expect(got.failure?.message).not.toContain('127.0.0.1');
    expect(got.failure?.message).not.toContain(String(port));
  });

  test('that accepts and never answers ends in a timeout', async () => {
    const got = recorder();
    call(got, { headTimeoutMs: 300 });
    await over(got);
    expect(got.events).toEqual(['error upstream_timeout']);
  });

  test('that stalls in the middle of its answer ends in a timeout', async () => {
    act = (socket) => socket.write(`${HEAD}${chunk('part')}`);
    const got = recorder();
    call(got, { stallTimeoutMs: 300 });
    await over(got);
    expect(got.events).toEqual(['head 200', 'data', 'error upstream_timeout']);
  });
});

describe('a request that cannot be sent', () => {
  test.each<[string, Partial<Parameters<Upstream['call']>[0]>]>([
    ['a header with a line break', { headers: { authorization: 'Bearer secret\nvalue' } }],
    ['an address that is none', { origin: 'nonsense' }],
  ])('for %s fails at once, tries elsewhere, and keeps the value to itself', (_what, change) => {
    const got = recorder();
    call(got, change);
    expect(got.events).toEqual(['error upstream_unreachable']);
    expect(got.failure?.retry).toBe('elsewhere');
    expect(got.failure?.message).not.toContain('secret');
  });
});

describe('an abort', () => {
  const reason = new GatewayError('client_gone', 'gone');

  test('before the connection is up gives the reason at once, and no request is sent', async () => {
    const got = recorder();
    call(got).abort(reason);
    await over(got);
    expect(got.failure).toBe(reason);
    expect(got.events).toEqual(['error client_gone']);
  });

  test('while the provider thinks closes the connection and gives the reason', async () => {
    const got = recorder();
    let asked = false;
    act = () => (asked = true);
    const running = call(got);
    await waitFor(() => asked, { what: 'the request to arrive' });
    running.abort(reason);
    await over(got);
    expect(got.failure).toBe(reason);
    await waitFor(() => sockets[0]?.destroyed || sockets[0]?.readableEnded, { what: 'the connection to be closed' });
  });

  test('in the middle of an answer lets nothing but the error follow', async () => {
    const got = recorder();
    act = (socket) => socket.write(`${HEAD}${chunk('part')}`);
    const running = call(got);
    await waitFor(() => got.body === 'part', { what: 'the first part' });
    running.abort(reason);
    for (const socket of sockets) socket.write(`${chunk('late')}0\r\n\r\n`);
    await over(got);
    expect(got.events).toEqual(['head 200', 'data', 'error client_gone']);
    expect(got.body).toBe('part');
  });

  test('of a paused answer ends it too', async () => {
    const got = recorder();
    act = (socket) => socket.write(`${HEAD}${chunk('part')}`);
    const running = call(got);
    await waitFor(() => got.body === 'part', { what: 'the first part' });
    running.pause();
    running.abort(reason);
    await over(got);
    expect(got.failure).toBe(reason);
  });

  test('after the end changes nothing, and a second one neither', async () => {
    act = (socket) => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok');
    const got = recorder();
    const running = call(got);
    await over(got);
    running.abort(reason);
    running.abort(reason);
    expect(got.events).toEqual(['head 200', 'data', 'end']);
  });
});

describe('a paused answer', () => {
  test('makes the provider wait, and goes on complete', async () => {
    const size = 32 * 1024 * 1024;
    let left = size;
    let written = 0;
    act = (socket) => {
      const piece = Buffer.alloc(256 * 1024, 120);
      const fill = (): void => {
        while (left > 0) {
          left -= piece.length;
          written += piece.length;
          if (!socket.write(piece)) return void socket.once('drain', fill);
        }
      };
      socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${size}\r\n\r\n`);
      fill();
    };
    const got = recorder();
    const running = call(got);
    await waitFor(() => got.bytes > 0, { what: 'the first bytes' });
    running.pause();
    let before = -1;
    await waitFor(
      () => {
        const still = before === written;
        before = written;
        return still;
      },
      { what: 'the provider to wait', intervalMs: 300 },
    );
    expect(written).toBeLessThan(size);
    running.resume();
    await over(got);
    expect(got.events.at(-1)).toBe('end');
    expect(got.bytes).toBe(size);
  });
});
