import { createServer, type RequestListener } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { awaitAdmin } from './await-admin.ts';

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const running = new AbortController().signal;

test('a management route that answers 503, or closes the connection, is asked again until admin refuses us itself', async () => {
  const answers = [503, 0, 502, 401];
  const asked: (string | undefined)[] = [];
  const url = await serve((request, response) => {
    asked.push(request.url);
    const status = answers[asked.length - 1] ?? 500;
    if (status === 0) request.socket.destroy();
    else response.writeHead(status).end('{}');
  });
  await awaitAdmin({ url, signal: running });
  expect(asked).toEqual(Array(4).fill('/key/info'));
});

test('a management API that never answers ends the start with where to look', async () => {
  const url = await serve((_request, response) => void response.writeHead(503).end());
  await expect(awaitAdmin({ url, signal: running, timeoutMs: 100 })).rejects.toThrow(/does not answer through the ingress.*admin\.log/);
});

test('a stop in the middle of it ends the waiting at once', async () => {
  const stop = new AbortController();
  const url = await serve(() => stop.abort());
  await expect(awaitAdmin({ url, signal: stop.signal })).rejects.toThrow('does not answer');
});
