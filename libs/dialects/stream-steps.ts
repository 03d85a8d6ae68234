import { asGatewayError, GatewayError, type TokenUsage } from '#contracts';
import type { StreamDecoder, StreamStep } from './exchange.ts';
import { createEventSplitter, type EventSplitter } from './sse/split-events.ts';

/** What a dialect makes of the provider's events; `createStreamDecoder` adds the splitting and the rules of the end. */
export interface EventHandler {
  /** Bytes for the client, or undefined. Throws `GatewayError` for whatever fails the stream. */
  handle(raw: Buffer): Uint8Array | undefined;
  /** The connection closed before `isDone`; `rest` is an event without its blank line. Throws `upstream_truncated`. */
  close(rest: Buffer | undefined): Uint8Array | undefined;
  /** The provider sent a JSON document instead of a stream: its error, or undefined when it is none. */
  errorOf(document: Buffer): GatewayError | undefined;
  /** The client has its end marker. */
  readonly isDone: boolean;
  readonly hasContent: boolean;
  readonly usage: TokenUsage | undefined;
  readonly finishReason: string | undefined;
  readonly producedText: string;
}

/** HTML or JSON where `data:` or a comment should be. */
const DOCUMENT_START = /^\s*[<{[]/;
const DOCUMENT_START_BYTES = 64;

/**
 * States: open → done | failed. In the last two nothing more is given to the client, whatever still arrives.
 */
export function createStreamDecoder(handler: EventHandler, openFraming: () => EventSplitter = createEventSplitter): StreamDecoder {
  const splitter = openFraming();
  let isOver = false;
  let isFirst = true;

  /** Only the first bytes can show that there is no stream at all, as when a proxy answers 200 with its own page. */
  const refuseDocument = (raw: Buffer | undefined): void => {
    if (!isFirst || raw === undefined) return;
    isFirst = false;
    if (!DOCUMENT_START.test(raw.toString('latin1', 0, DOCUMENT_START_BYTES))) return;
    throw handler.errorOf(raw) ?? new GatewayError('upstream_invalid_response', 'The provider sent a document instead of a stream.');
  };

  const step = (produce: (parts: Uint8Array[]) => void): StreamStep => {
    if (isOver) return { bytes: undefined, hasContent: handler.hasContent, done: handler.isDone, error: undefined };
    const parts: Uint8Array[] = [];
    let error: StreamStep['error'];
    try {
      produce(parts);
    } catch (thrown) {
      error = asGatewayError(thrown);
    }
    isOver = handler.isDone || error !== undefined;
    return { bytes: join(parts), hasContent: handler.hasContent, done: handler.isDone, error };
  };

  return {
    push: (chunk) =>
      step((parts) => {
        for (const raw of splitter.push(chunk)) {
          refuseDocument(raw);
          keep(parts, handler.handle(raw));
          if (handler.isDone) return;
        }
      }),
    end: () =>
      step((parts) => {
        const rest = splitter.end();
        refuseDocument(rest);
        keep(parts, handler.close(rest));
      }),
    get usage() {
      return handler.usage;
    },
    get finishReason() {
      return handler.finishReason;
    },
    get producedText() {
      return handler.producedText;
    },
  };
}

function keep(parts: Uint8Array[], bytes: Uint8Array | undefined): void {
  if (bytes !== undefined && bytes.length > 0) parts.push(bytes);
}

function join(parts: readonly Uint8Array[]): Uint8Array | undefined {
  return parts.length > 1 ? Buffer.concat(parts) : parts[0];
}
