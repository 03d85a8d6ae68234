type JsonRecord = Readonly<Record<string, unknown>>;

/** Reads the response object out of an answer that passes by. Bounded: what is larger is not read. */
export interface FinalResponseReader {
  add(bytes: Uint8Array): void;
  /** The whole response, once its end has passed. */
  read(): JsonRecord | undefined;
}

const LARGEST_BYTES = 5 * 1024 * 1024;
/** Types of the events that hold the whole response: the last of a stream. */
const END = /"type"\s*:\s*"response\.(?:completed|incomplete)"/;
const END_MARKS = ['response.completed', 'response.incomplete'] as const;
const LF = 0x0a;

export function createFinalResponseReader(isStream: boolean): FinalResponseReader {
  const parts: Buffer[] = [];
  let size = 0;
  let isCollecting = !isStream;
  let tail: Buffer = Buffer.alloc(0);

  const collect = (bytes: Buffer): void => {
    size += bytes.length;
    if (size <= LARGEST_BYTES) parts.push(bytes);
    else parts.length = 0;
  };

  return {
    add(bytes) {
      const chunk = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      if (isCollecting) return collect(chunk);
      // a frame may end in the middle of a line
      const joined = tail.length === 0 ? chunk : Buffer.concat([tail, chunk]);
      if (END_MARKS.some((mark) => joined.includes(mark))) {
        isCollecting = true;
        return collect(joined);
      }
      tail = Buffer.from(joined.subarray(joined.lastIndexOf(LF) + 1));
    },
    read() {
      if (!isCollecting || parts.length === 0) return undefined;
      const text = Buffer.concat(parts).toString();
      return isStream ? responseOfEvents(text) : parsed(text);
    },
  };
}

/** A text of the answer may hold the mark as well: of all that look like it the last event counts. */
function responseOfEvents(text: string): JsonRecord | undefined {
  for (const line of text.split(/\r\n|\n|\r/).reverse()) {
    const at = line.indexOf('{');
    if (at === -1 || !END.test(line)) continue;
    const response = parsed(line.slice(at))?.['response'];
    if (isRecord(response)) return response;
  }
  return undefined;
}

function parsed(text: string): JsonRecord | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is JsonRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
