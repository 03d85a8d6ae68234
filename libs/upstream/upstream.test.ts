import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { waitFor } from '#testing';
import { type CallChange, chunk, HEAD, over, recorder, startCalls, type TestCalls } from './test-calls.ts';

let calls: TestCalls;

beforeEach(async () => {
  calls = await startCalls();
});
afterEach(() => calls.close());

describe('an answer', () => {
  test('arrives as head, data and end, once each', async () => {
    calls.act = (socket) => socket.write(`${HEAD}${chunk('hello ')}${chunk('world')}0\r\n\r\n`);
    const got = recorder();
    calls.call(got);
    await over(got);
    expect(got.events).toEqual(['head 200', 'data', 'end']);
    expect(got.body).toBe('hello world');
    expect(got.headers['content-type']).toBe('text/event-stream');
  });

  test('of an error status is an answer, not a failure', async () => {
    calls.act = (socket) => socket.write('HTTP/1.1 529 Overloaded\r\nretry-after: 3\r\ncontent-length: 4\r\n\r\nbusy');
    const got = recorder();
    calls.call(got);
    await over(got);
    expect(got.events).toEqual(['head 529', 'data', 'end']);
    expect(got.headers['retry-after']).toBe('3');
  });

  test('after an informational one is the one that counts', async () => {
    calls.act = (socket) => socket.write('HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok');
    const got = recorder();
    calls.call(got);
    await over(got);
    expect(got.events).toEqual(['head 200', 'data', 'end']);
  });

  test('with a header twice has both values', async () => {
    calls.act = (socket) => socket.write('HTTP/1.1 200 OK\r\nx-limit: 1\r\nx-limit: 2\r\ncontent-length: 0\r\n\r\n');
    const got = recorder();
    calls.call(got);
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
    calls.act = does;
    const got = recorder();
    calls.call(got);
    await over(got);
    expect(got.events).toEqual(events);
    expect(got.failure?.retry).toBe('anywhere');
  });

  test.each<[string, (socket: Socket) => void]>([
    ['resets the connection', (socket) => socket.resetAndDestroy()],
    ['closes the connection', (socket) => socket.end()],
    ['closes inside a chunk', (socket) => socket.end('ff\r\nhalf')],
  ])('that %s in the middle of its answer truncated it: never a clean end', async (_what, cut) => {
    calls.act = (socket) => socket.write(`${HEAD}${chunk('part')}`);
    const got = recorder();
    calls.call(got);
    await waitFor(() => got.body === 'part', { what: 'the first part' });
    calls.sockets.forEach(cut);
    await over(got);
    expect(got.events.at(-1)).toBe('error upstream_truncated');
    expect(got.events).not.toContain('end');
  });

  test('that sends less than its content-length truncated the answer', async () => {
    calls.act = (socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nshort');
    const got = recorder();
    calls.call(got);
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
    calls.call(got, { origin: `http://127.0.0.1:${port}` });
    await over(got);
    expect(got.events).toEqual(['error upstream_unreachable']);
    expect(got.failure?.message).not.toContain('127.0.0.1');
    expect(got.failure?.message).not.toContain(String(port));
  });

  test('that accepts and never answers ends in a timeout', async () => {
    const got = recorder();
    calls.call(got, { headTimeoutMs: 300 });
    await over(got);
    expect(got.events).toEqual(['error upstream_timeout']);
  });

  test('that stalls in the middle of its answer ends in a timeout', async () => {
    calls.act = (socket) => socket.write(`${HEAD}${chunk('part')}`);
    const got = recorder();
    calls.call(got, { stallTimeoutMs: 300 });
    await over(got);
    expect(got.events).toEqual(['head 200', 'data', 'error upstream_timeout']);
  });
});

describe('a request that cannot be sent', () => {
  test.each<[string, CallChange]>([
    ['a header with a line break', { headers: { authorization: 'Bearer secret\nvalue' } }],
    ['an address that is none', { origin: 'nonsense' }],
  ])('for %s fails at once, tries elsewhere, and keeps the value to itself', (_what, change) => {
    const got = recorder();
    calls.call(got, change);
    expect(got.events).toEqual(['error upstream_unreachable']);
    expect(got.failure?.retry).toBe('elsewhere');
    expect(got.failure?.message).not.toContain('secret');
  });
});
