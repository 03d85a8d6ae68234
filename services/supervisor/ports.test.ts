import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { freePort } from '#runtime';
import { assertPortUsable, keepPort } from './ports.ts';

async function occupy(port: number): Promise<void> {
  const server = createServer().listen(port, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
}

test('a used port is named, with the flag that chooses another', async () => {
  const port = await freePort();
  await assertPortUsable(port, '127.0.0.1');
  await occupy(port);
  await expect(assertPortUsable(port, '127.0.0.1')).rejects.toThrow(
    `port ${port} on 127.0.0.1 is in use: stop what uses it, or choose another with --port`,
  );
});

test('an address of another machine is named', async () => {
  await expect(assertPortUsable(0, '192.0.2.1')).rejects.toThrow('192.0.2.1 is not an address of this machine');
});

test('a server keeps its port from one start to the next unless somebody took it', async () => {
  const port = await freePort();
  expect(await keepPort(port)).toBe(port);
  await occupy(port);
  expect(await keepPort(port)).not.toBe(port);
});
