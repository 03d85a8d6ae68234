import type { EventSplitter } from '../sse/split-events.ts';
import { parseRecord, stringAt } from '../json/record.ts';
import { createAwsFrameReader, type AwsFrame } from './read-frames.ts';

/** An `exception` or `error` frame. */
export interface AwsException {
  /** `throttlingException`, `modelStreamErrorException` …, as the service spells it. */
  readonly type: string;
  readonly message: string;
}

export interface AwsFraming {
  /** The server-sent events (blank line included) that one event frame stands for. */
  readonly eventsOf: (frame: AwsFrame) => readonly Buffer[];
  /** An exception as an event of the dialect inside. */
  readonly exceptionEvent?: ((exception: AwsException) => Buffer) | undefined;
  /** What is left of the stream inside when the connection closes. */
  readonly atEnd?: (() => Buffer | undefined) | undefined;
}

const DEFAULT_FRAMING: AwsFraming = { eventsOf: (frame) => [encodeEvent(frame.name, frame.payload)] };

/** AWS's binary stream as server-sent events, `event: <:event-type>` and `data: <payload>`; its exceptions as `event: exception`. */
export function createAwsEventStreamSplitter(framing: AwsFraming = DEFAULT_FRAMING): EventSplitter {
  const reader = createAwsFrameReader();
  const exceptionEvent = framing.exceptionEvent ?? encodeException;
  return {
    push(chunk) {
      const events: Buffer[] = [];
      for (const frame of reader.push(chunk)) {
        if (frame.messageType === 'event') events.push(...framing.eventsOf(frame));
        else events.push(exceptionEvent(readException(frame)));
      }
      return events;
    },
    end() {
      reader.end();
      return framing.atEnd?.();
    },
  };
}

const EVENT = Buffer.from('event: ');
const DATA = Buffer.from('\ndata: ');
const END = Buffer.from('\n\n');
const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;

/** A server-sent event of a name and JSON bytes. */
export function encodeEvent(name: string, json: Buffer): Buffer {
  return Buffer.concat([EVENT, Buffer.from(name), DATA, onOneLine(json), END]);
}

/** In JSON a line break is never part of a text, so that a space may stand for it. */
function onOneLine(json: Buffer): Buffer {
  if (!json.includes(LF) && !json.includes(CR)) return json;
  return Buffer.from(json.map((byte) => (byte === LF || byte === CR ? SPACE : byte)));
}

function encodeException(exception: AwsException): Buffer {
  return encodeEvent('exception', Buffer.from(JSON.stringify(exception)));
}

/** The message is in the payload (`{"message"}`, at SageMaker `{"Message"}`) or, for `error` frames, in a header. */
function readException(frame: AwsFrame): AwsException {
  const body = parseRecord(frame.payload.toString()) ?? {};
  const message = frame.errorMessage ?? stringAt(body, 'message') ?? stringAt(body, 'Message') ?? '';
  return { type: frame.name === '' ? 'unknown' : frame.name, message };
}
