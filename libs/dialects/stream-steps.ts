import { asGatewayError, GatewayError } from '#contracts';
import type { StreamDecoder, StreamStep } from './exchange.ts';
import { createEventSplitter, type EventSplitter } from './sse/split-events.ts';
import type { StreamState } from './stream-state.ts';

/** What a dialect makes of the provider's events; `createStreamDecoder` adds the splitting and the rules of the end. */
export interface EventHandler {
  /** Bytes for the client, or undefined. Throws `GatewayError` for whatever fails the stream. */
  handle(raw: Buffer): Uint8Array | undefined;
  /** The connection closed before `state.isDone`; `rest` is an event without its blank line. Throws `upstream_truncated`. */
  close(rest: Buffer | undefined): Uint8Array | undefined;
  /** The provider sent a JSON document instead of a stream: its error, or undefined when it is none. */
  errorOf(document: Buffer): GatewayError | undefined;
  /** One object for the whole stream, which `handle` and `close` keep up to date. */
  readonly state: Readonly<StreamState>;
}

/** HTML or JSON where `data:` or a comment should be. */
const DOCUMENT_START = /^\s*[<{[]/;
const DOCUMENT_START_BYTES = 64;

export function createStreamDecoder(handler: EventHandler, openFraming: () => EventSplitter = createEventSplitter): StreamDecoder {
  return new EventStreamDecoder(handler, openFraming());
}

/**
 * States: open → done | failed. In the last two nothing more is given to the client, whatever still arrives.
 */
class EventStreamDecoder implements StreamDecoder {
  readonly #handler: EventHandler;
  readonly #splitter: EventSplitter;
  #isOver = false;
  #isFirst = true;

  constructor(handler: EventHandler, splitter: EventSplitter) {
    this.#handler = handler;
    this.#splitter = splitter;
  }

  get usage(): StreamState['usage'] {
    return this.#handler.state.usage;
  }

  get finishReason(): string | undefined {
    return this.#handler.state.finishReason;
  }

  get producedText(): string {
    return this.#handler.state.producedText;
  }

  push(chunk: Uint8Array): StreamStep {
    return this.#step((parts) => {
      for (const raw of this.#splitter.push(chunk)) {
        this.#refuseDocument(raw);
        keep(parts, this.#handler.handle(raw));
        if (this.#handler.state.isDone) return;
      }
    });
  }

  end(): StreamStep {
    return this.#step((parts) => {
      const rest = this.#splitter.end();
      this.#refuseDocument(rest);
      keep(parts, this.#handler.close(rest));
    });
  }

  #step(produce: (parts: Uint8Array[]) => void): StreamStep {
    const { state } = this.#handler;
    if (this.#isOver) return { bytes: undefined, hasContent: state.hasContent, done: state.isDone, error: undefined };
    const parts: Uint8Array[] = [];
    let error: StreamStep['error'];
    try {
      produce(parts);
    } catch (thrown) {
      error = asGatewayError(thrown);
    }
    this.#isOver = state.isDone || error !== undefined;
    return { bytes: join(parts), hasContent: state.hasContent, done: state.isDone, error };
  }

  /** Only the first bytes can show that there is no stream at all, as when a proxy answers 200 with its own page. */
  #refuseDocument(raw: Buffer | undefined): void {
    if (!this.#isFirst || raw === undefined) return;
    this.#isFirst = false;
    if (!DOCUMENT_START.test(raw.toString('latin1', 0, DOCUMENT_START_BYTES))) return;
    const error = this.#handler.errorOf(raw);
    throw error ?? new GatewayError('upstream_invalid_response', 'The provider sent a document instead of a stream.');
  }
}

function keep(parts: Uint8Array[], bytes: Uint8Array | undefined): void {
  if (bytes !== undefined && bytes.length > 0) parts.push(bytes);
}

function join(parts: readonly Uint8Array[]): Uint8Array | undefined {
  return parts.length > 1 ? Buffer.concat(parts) : parts[0];
}
