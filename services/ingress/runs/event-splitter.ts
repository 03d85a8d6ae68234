/** Cuts a stream of server-sent events into its events, whatever pieces it comes in. */
export interface EventSplitter {
  /** Whole events, each with the empty line behind it. */
  push(bytes: Uint8Array): readonly Buffer[];
  /** What is left behind the last whole event. */
  rest(): Buffer;
}

const LF = 0x0a;
const CR = 0x0d;

export function createEventSplitter(): EventSplitter {
  let held = Buffer.alloc(0);
  return {
    push(bytes) {
      held = Buffer.concat([held, bytes]);
      const events: Buffer[] = [];
      let start = 0;
      for (let end = endOfEvent(held, start); end !== -1; end = endOfEvent(held, start)) {
        events.push(held.subarray(start, end));
        start = end;
      }
      held = Buffer.from(held.subarray(start));
      return events;
    },
    rest: () => held,
  };
}

/** Where the event that begins at `from` ends: behind the empty line. -1 when that has not come. */
function endOfEvent(bytes: Buffer, from: number): number {
  for (let at = bytes.indexOf(LF, from); at !== -1; at = bytes.indexOf(LF, at + 1)) {
    if (bytes[at + 1] === LF) return at + 2;
    if (bytes[at + 1] === CR && bytes[at + 2] === LF) return at + 3;
  }
  return -1;
}

/** Only events have a place of their own; comments have none. */
export function isEvent(block: Buffer): boolean {
  return /^(?:data|event)\s*:/m.test(block.toString('latin1'));
}
