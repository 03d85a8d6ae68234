import type { ErrorRecord } from './gateway-error.ts';
import { type AttemptFailure, InvalidMessage } from './job.ts';
import type { SentPieces } from './sent-answer.ts';
import type { CostBreakdown, TokenUsage } from './usage.ts';

/**
 * A reply frame: what a worker sends to the ingress that holds the client's connection, over core NATS.
 *
 * Bytes: kind u8, seq u32, attempt u16, delivery u16, meta length u32 (big endian), meta as JSON, then the body, opaque.
 * `seq` counts from 0 within one (attempt, delivery); a gap is asked for again with a `resend` control message.
 * Frames of another attempt than the current one are fenced: the ingress drops them.
 *
 * started → head → data* → final     a stream
 * started → final                    an answer in one piece, or an error before the first byte
 * started → moved                    the job went to the next candidate; its frames carry the next attempt's number
 */
export const FRAME = { started: 1, head: 2, data: 3, final: 4, moved: 5 } as const;
export type FrameKind = (typeof FRAME)[keyof typeof FRAME];

export interface StartedMeta {
  readonly worker: string;
  readonly deploymentId: string;
  /** Milliseconds between acceptance and the start of this attempt. */
  readonly queueMs: number;
  /** Place in the plan and sequence in JOBS of this attempt: its `moved` may get lost, or come after this frame. */
  readonly cursor?: number | undefined;
  readonly streamSeq?: number | undefined;
  /** The job's failed attempts so far. */
  readonly failures?: readonly AttemptFailure[] | undefined;
}

/** Status and headers as the client shall see them. */
export interface HeadMeta {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
}

/** The end of the job. `head` is there when none was sent before; the body is the last bytes for the client. */
export interface FinalMeta {
  readonly head?: HeadMeta | undefined;
  readonly error?: ErrorRecord | undefined;
  readonly usage?: TokenUsage | undefined;
  readonly cost?: CostBreakdown | undefined;
  readonly upstreamMs?: number | undefined;
}

export interface MovedMeta {
  /** The attempt the job goes on with. */
  readonly attempt: number;
  readonly cursor: number;
  /** Sequence of the next attempt's message in the JOBS stream, for a cancel. */
  readonly streamSeq: number;
  readonly reason: string;
  /** How the attempt deals with what the client has of the answer; without it, the client has nothing. */
  readonly recovery?: 'continue' | 'restart' | undefined;
  /** With `continue`: where that is stored, and what it cost so far. */
  readonly sentRef?: string | undefined;
  readonly spent?: TokenUsage | undefined;
  /** The job's failed attempts so far. */
  readonly failures?: readonly AttemptFailure[] | undefined;
}

export interface Frame {
  readonly kind: FrameKind;
  readonly seq: number;
  readonly attempt: number;
  readonly delivery: number;
  /** Parsed lazily: data frames have none, but those of streams that another attempt may go on with. */
  readonly meta: Uint8Array;
  readonly body: Uint8Array;
}

const FIXED_BYTES = 13;
const EMPTY = new Uint8Array(0);

export interface FrameFields {
  readonly kind: FrameKind;
  readonly seq: number;
  readonly attempt: number;
  readonly delivery: number;
  readonly meta?: StartedMeta | HeadMeta | FinalMeta | MovedMeta | SentPieces | undefined;
  readonly body?: Uint8Array | undefined;
}

export function encodeFrame(fields: FrameFields): Uint8Array {
  const meta = fields.meta === undefined ? '' : JSON.stringify(fields.meta);
  const metaBytes = Buffer.byteLength(meta);
  const body = fields.body ?? EMPTY;
  const bytes = Buffer.allocUnsafe(FIXED_BYTES + metaBytes + body.length);
  bytes[0] = fields.kind;
  bytes.writeUInt32BE(fields.seq, 1);
  bytes.writeUInt16BE(fields.attempt, 5);
  bytes.writeUInt16BE(fields.delivery, 7);
  bytes.writeUInt32BE(metaBytes, 9);
  bytes.write(meta, FIXED_BYTES);
  bytes.set(body, FIXED_BYTES + metaBytes);
  return bytes;
}

/** Throws `InvalidMessage` for bytes that are no frame. `meta` and `body` are views, not copies. */
export function decodeFrame(data: Uint8Array): Frame {
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  if (bytes.length < FIXED_BYTES) throw new InvalidMessage(`a frame of ${bytes.length} bytes is too short`);
  const bodyAt = FIXED_BYTES + bytes.readUInt32BE(9);
  if (bodyAt > bytes.length) throw new InvalidMessage('a frame is shorter than its meta says');
  return {
    kind: bytes[0] as FrameKind,
    seq: bytes.readUInt32BE(1),
    attempt: bytes.readUInt16BE(5),
    delivery: bytes.readUInt16BE(7),
    meta: bytes.subarray(FIXED_BYTES, bodyAt),
    body: bytes.subarray(bodyAt),
  };
}

/** The meta of a frame whose kind the caller has checked. */
export function frameMeta<T extends StartedMeta | HeadMeta | FinalMeta | MovedMeta | SentPieces>(frame: Frame): T {
  return JSON.parse(Buffer.from(frame.meta.buffer, frame.meta.byteOffset, frame.meta.byteLength).toString()) as T;
}
