export interface ServerSentEvent {
  readonly event: string | undefined;
  /** `data` lines joined by LF; undefined for comments and events without data. */
  readonly data: string | undefined;
}

const LF = 0x0a;
const CR = 0x0d;
const DATA_PREFIX = Buffer.from('data: ');
const LINE_END = /\r\n|\n|\r/;

/** Reads one whole event as the splitter gives it. */
export function parseEvent(raw: Buffer): ServerSentEvent {
  return singleDataLine(raw) ?? parseLines(raw.toString());
}

/** Nearly every event of a chat stream is one `data: ` line: no splitting for those. */
function singleDataLine(raw: Buffer): ServerSentEvent | undefined {
  if (raw.length < DATA_PREFIX.length || raw.compare(DATA_PREFIX, 0, DATA_PREFIX.length, 0, DATA_PREFIX.length) !== 0) return undefined;
  let end = raw.length;
  while (end > 0 && (raw[end - 1] === LF || raw[end - 1] === CR)) end -= 1;
  const line = raw.subarray(0, end);
  const hasMoreLines = line.includes(LF) || line.includes(CR);
  return hasMoreLines ? undefined : { event: undefined, data: raw.toString('utf8', DATA_PREFIX.length, end) };
}

function parseLines(text: string): ServerSentEvent {
  let event: string | undefined;
  let data: string | undefined;
  for (const line of text.split(LINE_END)) {
    const colon = line.indexOf(':');
    if (colon === 0) continue;
    const field = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1);
    if (field === 'data') data = data === undefined ? value : `${data}\n${value}`;
    else if (field === 'event') event = value;
  }
  return { event, data };
}
