import type { ServerResponse } from 'node:http';
import type { ClientDialect, GatewayError, HeadMeta } from '#contracts';
import { encodeClientError, encodeStreamError } from '#dialects';

/**
 * The client's side of a job. Bytes come in the client's dialect already; only errors are worded here, because only this
 * end knows whether a head has left: before it an HTTP error, after it an event inside the stream.
 *
 * A stream that fails is ended after its error event. It is never closed cleanly without one; an answer that is no stream
 * has no place for an error in its middle, so its connection is cut.
 */
export interface ClientResponse {
  readonly headSent: boolean;
  /** The client is gone or has everything. */
  readonly over: boolean;
  /** The socket takes no more at the moment: stop acknowledging frames until `onDrain`. */
  readonly backedUp: boolean;
  /** The status that was sent, 0 before. */
  readonly status: number;
  head(head: HeadMeta): void;
  write(bytes: Uint8Array): void;
  end(head: HeadMeta | undefined, bytes: Uint8Array | undefined): void;
  fail(error: GatewayError, head: HeadMeta | undefined): void;
}

export interface ClientResponseOptions {
  readonly raw: ServerResponse;
  readonly dialect: ClientDialect;
  /** Headers of every answer: the job's id. */
  readonly headers: Readonly<Record<string, string>>;
  readonly onHead: () => void;
  readonly onDrain: () => void;
  /** The connection closed before the answer was complete. */
  readonly onGone: () => void;
}

export function createClientResponse(options: ClientResponseOptions): ClientResponse {
  const { raw, dialect } = options;
  let backedUp = false;
  let isStream = false;
  const awaitDrain = (): void => {
    if (backedUp) return;
    backedUp = true;
    raw.once('drain', () => {
      backedUp = false;
      options.onDrain();
    });
  };
  raw.on('close', () => {
    if (!raw.writableEnded) options.onGone();
  });

  const writeHead = (head: HeadMeta, contentLength: number | undefined): void => {
    options.onHead();
    isStream = (head.headers['content-type'] ?? '').startsWith('text/event-stream');
    const length = contentLength === undefined ? {} : { 'content-length': contentLength };
    raw.writeHead(head.status, { ...head.headers, ...options.headers, ...length });
  };

  return {
    get headSent() {
      return raw.headersSent;
    },
    get over() {
      return raw.writableEnded || raw.destroyed;
    },
    get backedUp() {
      return backedUp;
    },
    get status() {
      return raw.headersSent ? raw.statusCode : 0;
    },
    head(head) {
      if (raw.headersSent || raw.destroyed) return;
      writeHead({ ...head, headers: { ...head.headers, 'cache-control': 'no-cache', 'x-accel-buffering': 'no' } }, undefined);
      raw.flushHeaders();
    },
    write(bytes) {
      if (!raw.destroyed && bytes.length > 0 && !raw.write(bytes)) awaitDrain();
    },
    end(head, bytes) {
      if (raw.destroyed) return;
      if (!raw.headersSent && head) writeHead(head, bytes?.length ?? 0);
      raw.end(bytes);
    },
    fail(error, head) {
      if (raw.destroyed || raw.writableEnded) return;
      if (raw.headersSent) return void (isStream ? raw.end(encodeStreamError(dialect, error)) : raw.destroy());
      const answer = encodeClientError(dialect, error);
      writeHead({ status: answer.status, headers: { ...head?.headers, ...answer.headers } }, answer.body.length);
      raw.end(answer.body);
    },
  };
}
