import { connect } from 'node:net';
import { createResponseReader, type ResponseHandler } from './response-reader.ts';

/** A keep-alive connection that carries one request at a time. */
export interface HttpConnection {
  send(request: Buffer): void;
  close(): void;
}

export interface ConnectionHandler extends ResponseHandler {
  /** The connection broke or ended; nothing follows. */
  lost(error: Error): void;
}

export function openConnection(url: URL, handler: ConnectionHandler): HttpConnection {
  const socket = connect({ host: url.hostname, port: Number(url.port), noDelay: true });
  const reader = createResponseReader(handler);
  let closed = false;
  const lose = (error: Error) => {
    if (!closed) handler.lost(error);
    closed = true;
    socket.destroy();
  };
  socket.on('data', (chunk) => {
    try {
      reader.push(chunk);
    } catch (error) {
      lose(error instanceof Error ? error : new Error(String(error)));
    }
  });
  socket.on('error', lose);
  socket.on('close', () => lose(new Error('the server closed the connection')));
  return {
    send: (request) => void socket.write(request),
    close: () => {
      closed = true;
      socket.destroy();
    },
  };
}

export interface RequestParts {
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: object;
}

/** The bytes of a `POST`, made once and sent again and again. */
export function encodeRequest({ url, headers = {}, body }: RequestParts): Buffer {
  const json = JSON.stringify(body);
  const fields = { host: url.host, 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(json)), ...headers };
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.from(`POST ${url.pathname} HTTP/1.1\r\n${lines.join('')}\r\n${json}`);
}
