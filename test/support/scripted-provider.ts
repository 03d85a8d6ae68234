import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

export interface ProviderRequest {
  readonly path: string;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface ScriptedProvider {
  /** `http://127.0.0.1:port/v1` */
  readonly url: string;
  /** Requests that have arrived whole. */
  readonly requests: readonly ProviderRequest[];
  /** Connections that were closed before the answer was whole. */
  readonly aborted: number;
  /** Cuts what is open. */
  close(): void;
}

/** A provider that answers as the test says, down to the socket. */
export async function startScriptedProvider(
  answer: (request: ProviderRequest, response: http.ServerResponse) => void,
): Promise<ScriptedProvider> {
  const requests: ProviderRequest[] = [];
  let aborted = 0;
  const server = http.createServer((message, response) => {
    response.on('close', () => {
      if (!response.writableFinished) aborted += 1;
    });
    void buffer(message).then(
      (body) => {
        const request = { path: message.url ?? '', headers: message.headers, body };
        requests.push(request);
        answer(request, response);
      },
      () => response.destroy(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/v1`,
    requests,
    get aborted() {
      return aborted;
    },
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
