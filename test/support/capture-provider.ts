import http from 'node:http';
import type { AddressInfo } from 'node:net';

export interface CapturedRequest {
  readonly path: string;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: string;
}

export interface CaptureProvider {
  /** `http://127.0.0.1:port/v1` */
  readonly url: string;
  readonly requests: readonly CapturedRequest[];
  close(): void;
}

/** A provider that keeps what it was sent and answers with the given text. */
export async function startCaptureProvider(answer: (request: CapturedRequest) => string): Promise<CaptureProvider> {
  const requests: CapturedRequest[] = [];
  const server = http.createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const captured = { path: request.url ?? '', headers: request.headers, body: Buffer.concat(chunks).toString() };
      requests.push(captured);
      response.setHeader('content-type', 'application/json');
      response.end(answer(captured));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/v1`, requests, close: () => void server.close() };
}
