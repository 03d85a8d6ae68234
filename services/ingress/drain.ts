import { Server } from 'node:net';
import type { Server as HttpServer } from 'node:http';

export interface DrainedServer {
  readonly server: HttpServer;
  /** Milliseconds that what is under way gets. */
  readonly withinMs: number;
}

/** A connection that is closed while its client sends the next request looks like a failed one: clients get this long to hear of the end. */
const LINGER_MS = 1_000;
const POLL_MS = 20;

/**
 * Ends an HTTP server without failing a request: no new connections, every answer from now on says `Connection: close`, and what is under
 * way goes on to its end. Connections without a request are closed after a moment. Resolves when nothing is left, or when the time is up.
 */
export async function drainServer({ server, withinMs }: DrainedServer): Promise<void> {
  const startedAt = performance.now();
  const passedMs = (): number => performance.now() - startedAt;
  server.prependListener('request', (_request, response) => (response.shouldKeepAlive = false));
  // the listening socket alone: the server's own `close` would cut idle connections at once
  Server.prototype.close.call(server);
  const lingerMs = Math.min(LINGER_MS, withinMs / 2);
  while (passedMs() < withinMs && (await connectionsOf(server)) > 0) {
    if (passedMs() >= lingerMs) server.closeIdleConnections();
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

function connectionsOf(server: HttpServer): Promise<number> {
  return new Promise((resolve) => {
    server.getConnections((error, count) => resolve(error === null ? count : 0));
  });
}
