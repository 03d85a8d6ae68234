import { GatewayError } from '#contracts';
import type { EventSplitter } from '../sse/split-events.ts';

/** A larger line is no answer: without a bound a provider could fill the worker's memory. */
const MAX_LINE_BYTES = 16 * 1024 * 1024;
const LF = 0x0a;
const CR = 0x0d;
const DATA = Buffer.from('data: ');
const BLANK_LINE = Buffer.from('\n\n');

/**
 * Cuts a stream of one JSON document a line (https://github.com/ndjson/ndjson-spec) and gives each as a server-sent event, so that
 * decoders have one kind of unit. Empty lines are nothing. Throws `upstream_invalid_response` when a line outgrows its bound.
 */
export function createLineSplitter(maxLineBytes = MAX_LINE_BYTES): EventSplitter {
  let parts: Buffer[] = [];
  let size = 0;

  const take = (last: Buffer): Buffer | undefined => {
    const line = parts.length === 0 ? last : Buffer.concat([...parts, last]);
    parts = [];
    size = 0;
    const end = line.at(-1) === CR ? line.length - 1 : line.length;
    return end === 0 ? undefined : Buffer.concat([DATA, line.subarray(0, end), BLANK_LINE]);
  };

  return {
    push(chunk) {
      const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
      const events: Buffer[] = [];
      let start = 0;
      for (let end = bytes.indexOf(LF); end !== -1; end = bytes.indexOf(LF, start)) {
        const event = take(bytes.subarray(start, end));
        if (event !== undefined) events.push(event);
        start = end + 1;
      }
      if (start < bytes.length) {
        // a copy: the rest may wait long, and must not keep the socket's whole buffer
        parts.push(Buffer.from(bytes.subarray(start)));
        size += bytes.length - start;
      }
      if (size > maxLineBytes) {
        throw new GatewayError('upstream_invalid_response', `The provider sent a stream line of more than ${maxLineBytes} bytes.`);
      }
      return events;
    },
    end: () => (size === 0 ? undefined : take(Buffer.alloc(0))),
  };
}
