import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { freePort, freePorts, isPortFree } from './free-port.ts';

test('free ports are all different', async () => {
  expect(new Set(await freePorts(20)).size).toBe(20);
});

test('a free port is never one that a client may be given as its source port', async () => {
  expect(Math.max(...(await freePorts(50)))).toBeLessThan(32_768);
});

test('a port someone listens on is not free', async () => {
  const port = await freePort();
  expect(await isPortFree(port)).toBe(true);
  const server = createServer().listen(port, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  expect(await isPortFree(port)).toBe(false);
});
