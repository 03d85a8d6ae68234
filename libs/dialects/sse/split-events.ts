import { GatewayError } from '#contracts';

/** A larger event is no answer: without a bound a provider could fill the worker's memory. */
const MAX_EVENT_BYTES = 16 * 1024 * 1024;

/** Cuts a server-sent event stream into whole events, bytes untouched (blank line included), wherever the chunks were cut. */
export interface EventSplitter {
  /** Throws `GatewayError` `upstream_invalid_response` when an event outgrows `MAX_EVENT_BYTES`. */
  push(chunk: Uint8Array): Buffer[];
  /** What was left without its blank line, at most one event. */
  end(): Buffer | undefined;
}

const LF = 0x0a;
const CR = 0x0d;
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];

/**
 * Lines end in LF, CRLF or CR (https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream).
 * A blank line that ends in CR is held until the next byte shows whether an LF belongs to it, so that the events are the
 * same however the stream was cut. A byte order mark at the start is removed: the client's stream may have begun already.
 */
export function createEventSplitter(maxEventBytes = MAX_EVENT_BYTES): EventSplitter {
  let parts: Buffer[] = [];
  let size = 0;
  let isFirstEvent = true;
  let lineIsEmpty = true;
  let followsCr = false;
  let heldAtCr = false;

  const takeEvent = (last: Buffer): Buffer => {
    const event = parts.length === 0 ? last : Buffer.concat([...parts, last]);
    parts = [];
    size = 0;
    lineIsEmpty = true;
    followsCr = false;
    heldAtCr = false;
    if (!isFirstEvent) return event;
    isFirstEvent = false;
    return BYTE_ORDER_MARK.every((byte, index) => event[index] === byte) ? event.subarray(BYTE_ORDER_MARK.length) : event;
  };

  const push = (chunk: Uint8Array): Buffer[] => {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    const events: Buffer[] = [];
    let start = 0;
    for (let at = 0; at < bytes.length; at += 1) {
      const byte = bytes[at];
      if (heldAtCr) {
        const eventEnd = byte === LF ? at + 1 : at;
        events.push(takeEvent(bytes.subarray(start, eventEnd)));
        start = eventEnd;
        if (byte === LF) continue;
      }
      if (byte === LF && followsCr) {
        followsCr = false;
      } else if (byte === LF) {
        if (lineIsEmpty) {
          events.push(takeEvent(bytes.subarray(start, at + 1)));
          start = at + 1;
        } else lineIsEmpty = true;
      } else if (byte === CR) {
        heldAtCr = lineIsEmpty;
        followsCr = true;
        lineIsEmpty = true;
      } else {
        lineIsEmpty = false;
        followsCr = false;
      }
    }
    if (start < bytes.length) {
      // a copy: the rest may wait long, and must not keep the socket's whole buffer (or change with it)
      parts.push(Buffer.from(bytes.subarray(start)));
      size += bytes.length - start;
    }
    if (size > maxEventBytes) {
      throw new GatewayError('upstream_invalid_response', `The provider sent a stream event of more than ${maxEventBytes} bytes.`);
    }
    return events;
  };

  return { push, end: () => (size === 0 ? undefined : takeEvent(Buffer.alloc(0))) };
}
