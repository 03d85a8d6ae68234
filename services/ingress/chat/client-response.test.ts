import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { GatewayError } from '#contracts';
import { waitFor } from '#testing';
import { type ClientResponse, createClientResponse } from './client-response.ts';

let server: Server;
let raw: ServerResponse;
let response: ClientResponse;
let drains: number;
let gone: number;
let client: Socket;
let received: string;
let closed: boolean;

/** A client on a plain socket, so that a test sees every byte and can stop reading. */
beforeEach(async () => {
  drains = 0;
  gone = 0;
  received = '';
  closed = false;
  server = createServer((_request, reply) => {
    raw = reply;
    response = createClientResponse({
      raw: reply,
      dialect: 'openai-chat',
      headers: { 'x-headrace-job-id': 'job_1' },
      onHead: () => undefined,
      onDrain: () => (drains += 1),
      onGone: () => (gone += 1),
    });
    server.emit('handled');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  client = connect(typeof address === 'object' ? (address?.port ?? 0) : 0, '127.0.0.1');
  client.on('data', (chunk) => (received += chunk.toString()));
  client.on('error', () => undefined);
  client.on('close', () => (closed = true));
  const handled = once(server, 'handled');
  client.write('POST / HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 0\r\n\r\n');
  await handled;
});

afterEach(async () => {
  client.destroy();
  server.closeAllConnections();
  server.close();
  // what the one test's connection still tells must not reach the next
  await waitFor(() => closed && raw.closed, { what: 'both ends to be closed' });
});

const untilClosed = () => waitFor(() => closed, { what: 'the connection to end' });
const status = (): string => received.split('\r\n')[0] ?? '';
const STREAM = { status: 200, headers: { 'content-type': 'text/event-stream; charset=utf-8' } };
const JSON_HEAD = { status: 200, headers: { 'content-type': 'application/json' } };
const failure = new GatewayError('upstream_truncated', 'The provider stopped.', { retryAfterMs: 1_500 });

describe('an error', () => {
  test('before the head is an HTTP error with the job’s id, a wait and a length', async () => {
    response.fail(failure, undefined);
    await untilClosed();
    expect(status()).toBe('HTTP/1.1 502 Bad Gateway');
    expect(received).toContain('x-headrace-job-id: job_1');
    expect(received).toContain('retry-after: 2');
    expect(received).toMatch(/content-length: \d+/);
    expect(JSON.parse(received.split('\r\n\r\n')[1] ?? '')).toMatchObject({
      error: { code: 'upstream_truncated', message: 'The provider stopped.' },
    });
  });

  test('before the head keeps the headers that tell of the attempt, and its own content type', async () => {
    response.fail(failure, { status: 502, headers: { ...STREAM.headers, 'x-headrace-attempts': '3' } });
    await untilClosed();
    expect(received).toContain('x-headrace-attempts: 3');
    expect(received.toLowerCase().match(/content-type: [^\r]*/g)).toEqual(['content-type: application/json']);
  });

  test('in a stream is an event, and no end marker follows', async () => {
    response.head(STREAM);
    response.write(Buffer.from('data: {"a":1}\n\n'));
    response.fail(failure, undefined);
    await untilClosed();
    expect(status()).toBe('HTTP/1.1 200 OK');
    expect(received).toMatch(/data: \{"error":\{[^\n]*"code":"upstream_truncated"[^\n]*\}\}\n\n/);
    expect(received).not.toContain('[DONE]');
  });

  test('in an answer that is no stream cuts the connection: half an answer never ends cleanly', async () => {
    response.head(JSON_HEAD);
    response.write(Buffer.from('{"choices":['));
    await waitFor(() => received.includes('choices'), { what: 'the first half' });
    response.fail(failure, undefined);
    await untilClosed();
    expect(received).not.toContain('\r\n0\r\n');
    expect(received).not.toContain('error');
  });

  test('after the end changes nothing', async () => {
    response.end(JSON_HEAD, Buffer.from('{}'));
    response.fail(failure, undefined);
    await untilClosed();
    expect(status()).toBe('HTTP/1.1 200 OK');
    expect(received).not.toContain('error');
  });
});

describe('an answer', () => {
  test('in one piece has its length and the job’s id', async () => {
    response.end(JSON_HEAD, Buffer.from('{"ä":1}'));
    await untilClosed();
    expect(received).toContain('content-length: 8');
    expect(received).toContain('x-headrace-job-id: job_1');
    expect(response).toMatchObject({ status: 200, headSent: true, over: true });
  });

  test('without bytes has a length of 0', async () => {
    response.end(JSON_HEAD, undefined);
    await untilClosed();
    expect(received).toContain('content-length: 0');
  });

  test('as a stream sends its head at once, and tells proxies not to hold it back', async () => {
    response.head(STREAM);
    await waitFor(() => received.includes('\r\n\r\n'), { what: 'the head' });
    expect(received).toContain('cache-control: no-cache');
    expect(received).toContain('x-accel-buffering: no');
    expect(response.headSent).toBe(true);
  });

  test('sends its head once, whatever a second attempt says', async () => {
    response.head(STREAM);
    response.head({ status: 500, headers: {} });
    response.end({ status: 500, headers: {} }, Buffer.from('data: [DONE]\n\n'));
    await untilClosed();
    expect(status()).toBe('HTTP/1.1 200 OK');
    expect(received.match(/HTTP\/1\.1/g)).toHaveLength(1);
  });
});

describe('a client', () => {
  test('that reads slowly is told of, and so is its recovery', async () => {
    client.pause();
    response.head(STREAM);
    expect(response.backedUp).toBe(false);
    const piece = Buffer.alloc(256 * 1024, 120);
    for (let i = 0; i < 200 && !response.backedUp; i += 1) response.write(piece);
    expect(response.backedUp).toBe(true);
    client.resume();
    await waitFor(() => drains > 0, { what: 'the drain' });
    expect(response.backedUp).toBe(false);
  });

  test('that leaves is told of once, and writing to it does nothing', async () => {
    response.head(STREAM);
    client.destroy();
    await waitFor(() => gone === 1, { what: 'the client to be missed' });
    expect(() => {
      response.write(Buffer.from('x'));
      response.head(STREAM);
      response.fail(failure, undefined);
      response.end(undefined, Buffer.from('x'));
    }).not.toThrow();
    expect(response.over).toBe(true);
    expect(gone).toBe(1);
  });

  test('that has everything is not missed when it leaves', async () => {
    response.end(JSON_HEAD, Buffer.from('{}'));
    await untilClosed();
    await waitFor(() => raw.closed, { what: 'the response to be closed' });
    expect(gone).toBe(0);
  });
});
