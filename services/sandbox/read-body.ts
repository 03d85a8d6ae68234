import type { IncomingMessage } from 'node:http';

/** The whole body, undefined when it is over the limit (it is read to its end all the same, so that the connection can go on). */
export function readBody(req: IncomingMessage, limitBytes: number, done: (body: Buffer | undefined) => void): void {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  req.on('data', (chunk: Buffer) => {
    sizeBytes += chunk.length;
    if (sizeBytes <= limitBytes) chunks.push(chunk);
  });
  req.on('end', () => {
    const [only] = chunks;
    if (sizeBytes > limitBytes) done(undefined);
    else done(chunks.length === 1 ? only : Buffer.concat(chunks));
  });
}
