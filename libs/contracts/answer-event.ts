import type { HeadMeta } from './frame.ts';
import type { ErrorRecord } from './gateway-error.ts';
import { InvalidMessage } from './job.ts';

/** One step of an answer on its way to a client, as it was first given: what is recorded and given again. */
export type AnswerEvent =
  | { readonly kind: 'head'; readonly head: HeadMeta }
  | { readonly kind: 'data'; readonly bytes: Uint8Array }
  /** The end; with the head when the answer came in one piece. */
  | { readonly kind: 'end'; readonly head?: HeadMeta | undefined; readonly bytes?: Uint8Array | undefined }
  | { readonly kind: 'fail'; readonly error: ErrorRecord; readonly head?: HeadMeta | undefined };

/** A part of an answer or all of it. */
export interface RecordedAnswer {
  readonly job: string;
  readonly events: readonly AnswerEvent[];
}

/** What is asked on `answerRequestsSubject`: events from `from` on, waiting a while for the first. */
export interface AnswerQuestion {
  readonly owner: string;
  readonly name: string;
  /** Tells followers apart: one that is silent for some seconds is gone. */
  readonly reader: string;
  /** Whose answer it is, once that is known: a later one may have the name by then. */
  readonly job?: string | undefined;
  readonly from: number;
  readonly waitMs: number;
}

type EventFacts = Omit<AnswerEvent, 'bytes'> & { readonly size?: number };

/** A line of JSON with the events, and behind it their bytes. */
export function encodeAnswer({ job, events }: RecordedAnswer): Uint8Array {
  const parts: Uint8Array[] = [];
  const facts = events.map((event) => {
    if (!('bytes' in event) || event.bytes === undefined) return event;
    parts.push(event.bytes);
    const { bytes, ...rest } = event;
    return { ...rest, size: bytes.length };
  });
  return Buffer.concat([Buffer.from(`${JSON.stringify({ v: 1, job, events: facts })}\n`), ...parts]);
}

/** Throws `InvalidMessage` for what `encodeAnswer` did not write. Bytes are views, not copies. */
export function decodeAnswer(data: Uint8Array): RecordedAnswer {
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  const lineEnd = bytes.indexOf(0x0a);
  const { job, events } = parseFacts(bytes.toString('utf8', 0, Math.max(0, lineEnd)));
  let at = lineEnd + 1;
  return {
    job,
    events: events.map((facts) => {
      const { size, ...rest } = facts;
      if (size === undefined) return rest as AnswerEvent;
      at += size;
      if (at > bytes.length) throw new InvalidMessage('a recorded answer is shorter than it says');
      return { ...rest, bytes: bytes.subarray(at - size, at) } as AnswerEvent;
    }),
  };
}

function parseFacts(line: string): { readonly job: string; readonly events: readonly EventFacts[] } {
  try {
    const value = JSON.parse(line) as { readonly v?: unknown; readonly job?: unknown; readonly events?: unknown };
    if (value.v === 1 && typeof value.job === 'string' && Array.isArray(value.events)) return { job: value.job, events: value.events };
  } catch (error) {
    throw new InvalidMessage('a recorded answer has no readable head', { cause: error });
  }
  throw new InvalidMessage('a recorded answer has no head that this version knows');
}
