import { parseEvent } from '../sse/parse-event.ts';
import { createEventSplitter } from '../sse/split-events.ts';

/** A stream of server-sent events as one JSON array, each event's data an element: what Google sends without `alt=sse`. */
export interface JsonArrayWriter {
  /** Bytes cut anywhere; returns what of the array is due. */
  push(bytes: Uint8Array): Buffer;
  /** The last elements, if any, and the end of the array. */
  end(bytes?: Uint8Array): Buffer;
}

export function createJsonArrayWriter(): JsonArrayWriter {
  const splitter = createEventSplitter();
  let isEmpty = true;
  const elements = (events: readonly Buffer[]): string => {
    let text = '';
    for (const event of events) {
      const { data } = parseEvent(event);
      if (data === undefined || data.trim() === '') continue;
      text += `${isEmpty ? '[' : ',\r\n'}${data}`;
      isEmpty = false;
    }
    return text;
  };
  return {
    push: (bytes) => Buffer.from(elements(splitter.push(bytes))),
    end: (bytes) => {
      const last = bytes === undefined ? '' : elements(splitter.push(bytes));
      const rest = splitter.end();
      const text = last + (rest === undefined ? '' : elements([rest]));
      return Buffer.from(`${text}${isEmpty ? '[' : ''}]`);
    },
  };
}
