import { createServer, type Server, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { Registry } from 'prom-client';
import type { Health } from './health.ts';

export interface ProbeServerOptions {
  readonly host: string;
  readonly port: number;
  readonly health: Health;
  readonly metrics: Registry;
}

/** `/health/liveliness`, `/health/readiness` (503 until ready) and `/metrics` for container probes and scrapers. Rejects when the port is taken. */
export async function startProbeServer(options: ProbeServerOptions): Promise<Server> {
  const server = createServer((request, response) => {
    answer(request.url ?? '/', options, response).catch(() => response.destroy());
  });
  server.listen(options.port, options.host);
  await once(server, 'listening');
  return server;
}

async function answer(url: string, options: ProbeServerOptions, response: ServerResponse): Promise<void> {
  const path = url.split('?')[0];
  if (path === '/health/liveliness') return sendJson(response, 200, { status: 'alive' });
  if (path === '/health/readiness') {
    const report = await options.health.report();
    return sendJson(response, report.ready ? 200 : 503, { status: report.ready ? 'ready' : 'not ready', checks: report.checks });
  }
  if (path === '/metrics') {
    const text = await options.metrics.metrics();
    response.writeHead(200, { 'content-type': options.metrics.contentType }).end(text);
    return;
  }
  sendJson(response, 404, { status: 'not found' });
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
