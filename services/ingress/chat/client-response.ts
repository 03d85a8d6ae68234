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
  /** Of `budget_exceeded`, where the operator chose another than 402. */
  readonly budgetExceededStatus?: number | undefined;
  readonly onHead: () => void;
  readonly onDrain: () => void;
  /** The connection closed before the answer was complete. */
  readonly onGone: () => void;
}

export function createClientResponse(options: ClientResponseOptions): ClientResponse {
  return new SocketResponse(options);
}

/** A class for its getters: in an object made anew for each request they cost 30 µs (docs/decisions/2026-11-22-objects-per-request.md). */
class SocketResponse implements ClientResponse {
  backedUp = false;
  readonly #options: ClientResponseOptions;
  readonly #raw: ServerResponse;
  #isStream = false;

  constructor(options: ClientResponseOptions) {
    const { raw } = options;
    this.#options = options;
    this.#raw = raw;
    raw.on('close', () => {
      if (!raw.writableEnded) options.onGone();
    });
  }

  get headSent(): boolean {
    return this.#raw.headersSent;
  }

  get over(): boolean {
    return this.#raw.writableEnded || this.#raw.destroyed;
  }

  get status(): number {
    return this.#raw.headersSent ? this.#raw.statusCode : 0;
  }

  head(head: HeadMeta): void {
    const raw = this.#raw;
    if (raw.headersSent || raw.destroyed) return;
    this.#writeHead({ ...head, headers: { ...head.headers, 'cache-control': 'no-cache', 'x-accel-buffering': 'no' } }, undefined);
    raw.flushHeaders();
  }

  write(bytes: Uint8Array): void {
    if (!this.#raw.destroyed && bytes.length > 0 && !this.#raw.write(bytes)) this.#awaitDrain();
  }

  end(head: HeadMeta | undefined, bytes: Uint8Array | undefined): void {
    const raw = this.#raw;
    if (raw.destroyed) return;
    if (!raw.headersSent && head) this.#writeHead(head, bytes?.length ?? 0);
    raw.end(bytes);
  }

  fail(error: GatewayError, head: HeadMeta | undefined): void {
    const raw = this.#raw;
    const { dialect, budgetExceededStatus } = this.#options;
    if (raw.destroyed || raw.writableEnded) return;
    if (raw.headersSent) return void (this.#isStream ? raw.end(encodeStreamError(dialect, error)) : raw.destroy());
    const answer = encodeClientError(dialect, error);
    const status = error.code === 'budget_exceeded' ? (budgetExceededStatus ?? answer.status) : answer.status;
    this.#writeHead({ status, headers: { ...head?.headers, ...answer.headers } }, answer.body.length);
    raw.end(answer.body);
  }

  #writeHead(head: HeadMeta, contentLength: number | undefined): void {
    const { headers, onHead } = this.#options;
    onHead();
    this.#isStream = (head.headers['content-type'] ?? '').startsWith('text/event-stream');
    const length = contentLength === undefined ? {} : { 'content-length': contentLength };
    this.#raw.writeHead(head.status, { ...head.headers, ...headers, ...length });
  }

  #awaitDrain(): void {
    if (this.backedUp) return;
    this.backedUp = true;
    this.#raw.once('drain', () => {
      this.backedUp = false;
      this.#options.onDrain();
    });
  }
}
