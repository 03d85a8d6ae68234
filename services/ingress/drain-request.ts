import type { IncomingMessage } from 'node:http';

const MOST_BYTES = 256 * 1024 * 1024;
const LONGEST_MS = 10_000;

/**
 * Reads the rest of a request and throws it away, within bounds. A server that answers and closes while the client is still
 * sending makes the client's system drop the answer with the connection (RFC 9112, 9.6), so that all it sees is a reset.
 * Resolves with whether all of it was read.
 */
export function drainRequest(request: IncomingMessage): Promise<boolean> {
  if (request.complete || request.destroyed) return Promise.resolve(request.complete);
  return new Promise((resolve) => {
    let bytes = 0;
    const finish = (): void => {
      clearTimeout(timer);
      request.off('data', count).off('end', finish).off('close', finish);
      resolve(request.complete);
    };
    const count = (chunk: Buffer): void => {
      bytes += chunk.length;
      if (bytes > MOST_BYTES) finish();
    };
    const timer = setTimeout(finish, LONGEST_MS);
    request.on('data', count).on('end', finish).on('close', finish).resume();
  });
}
