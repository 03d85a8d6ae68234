import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { GatewayError } from '#contracts';
import { waitFor } from '#testing';
import { chunk, HEAD, over, recorder, startCalls, type TestCalls } from './test-calls.ts';

let calls: TestCalls;

beforeEach(async () => {
  calls = await startCalls();
});
afterEach(() => calls.close());

describe('an abort', () => {
  const reason = new GatewayError('client_gone', 'gone');

  test('before the connection is up gives the reason at once, and no request is sent', async () => {
    const got = recorder();
    calls.call(got).abort(reason);
    await over(got);
    expect(got.failure).toBe(reason);
    expect(got.events).toEqual(['error client_gone']);
  });

  test('while the provider thinks closes the connection and gives the reason', async () => {
    const got = recorder();
    let asked = false;
    calls.act = () => (asked = true);
    const running = calls.call(got);
    await waitFor(() => asked, { what: 'the request to arrive' });
    running.abort(reason);
    await over(got);
    expect(got.failure).toBe(reason);
    await waitFor(() => calls.sockets[0]?.destroyed || calls.sockets[0]?.readableEnded, { what: 'the connection to be closed' });
  });

  test('in the middle of an answer lets nothing but the error follow', async () => {
    const got = recorder();
    calls.act = (socket) => socket.write(`${HEAD}${chunk('part')}`);
    const running = calls.call(got);
    await waitFor(() => got.body === 'part', { what: 'the first part' });
    running.abort(reason);
    for (const socket of calls.sockets) socket.write(`${chunk('late')}0\r\n\r\n`);
    await over(got);
    expect(got.events).toEqual(['head 200', 'data', 'error client_gone']);
    expect(got.body).toBe('part');
  });

  test('of a paused answer ends it too', async () => {
    const got = recorder();
    calls.act = (socket) => socket.write(`${HEAD}${chunk('part')}`);
    const running = calls.call(got);
    await waitFor(() => got.body === 'part', { what: 'the first part' });
    running.pause();
    running.abort(reason);
    await over(got);
    expect(got.failure).toBe(reason);
  });

  test('after the end changes nothing, and a second one neither', async () => {
    calls.act = (socket) => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok');
    const got = recorder();
    const running = calls.call(got);
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
    calls.act = (socket) => {
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
    const running = calls.call(got);
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
