import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { createHealth } from './health.ts';
import { createMetrics } from './metrics.ts';
import { startProbeServer } from './probe-server.ts';

async function startProbes() {
  const health = createHealth();
  const server = await startProbeServer({
    host: '127.0.0.1',
    port: 0,
    health,
    metrics: createMetrics({ service: 'worker', instance: 'w-1' }),
  });
  onTestFinished(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });
  const { port } = server.address() as AddressInfo;
  return { health, get: (path: string) => fetch(`http://127.0.0.1:${port}${path}`) };
}

test('a service is alive before it is ready', async () => {
  const { health, get } = await startProbes();
  expect((await get('/health/liveliness')).status).toBe(200);
  expect((await get('/health/readiness')).status).toBe(503);
  health.started();
  expect((await get('/health/readiness')).status).toBe(200);
});

test('a dependency that is down makes the service not ready and is named, without its error', async () => {
  const { health, get } = await startProbes();
  health.started();
  health.add('nats', () => true);
  health.add('database', () => Promise.reject(new Error('password wrong for user x')));
  const response = await get('/health/readiness');
  expect(response.status).toBe(503);
  expect(await response.json()).toEqual({ status: 'not ready', checks: { nats: 'up', database: 'down' } });
});

test('metrics carry service and instance', async () => {
  const { get } = await startProbes();
  const text = await (await get('/metrics')).text();
  expect(text).toMatch(/process_resident_memory_bytes\{service="worker",instance="w-1"\} \d+/);
});
