import type { ErrorRecord } from './gateway-error.ts';
import type { HeadMeta } from './frame.ts';
import { InvalidMessage } from './job.ts';
import type { CostBreakdown, TokenUsage } from './usage.ts';

/**
 * What became of a job that nobody waits for on a connection: messages of the stream `RUNS`, subjects by `runSubject`.
 *
 * claim   the job was accepted. Stored by whoever accepts it, with expected last sequence 0 of its subject: one acceptance per name, for
 *         as long as the stream keeps it, however often it is submitted
 * 0, 1, … pieces of a stream's bytes in the client's dialect, in order; several events may share a piece (`RunPiece`)
 * end     the outcome; the last message there will be (`RunEnd`)
 *
 * Each is one JSON line, and behind it the bytes.
 */
export interface RunClaim {
  readonly v: 1;
  readonly job: string;
  /** Unix milliseconds. */
  readonly acceptedAt: number;
  readonly deadlineAt: number;
  readonly model: string;
  /** The client's route, `/v1/chat/completions` and so on. */
  readonly route: string;
  readonly stream: boolean;
  /** The publisher's name for it, where that is not the job's id. */
  readonly id?: string | undefined;
  /** What the client wants to have back with its job, as it sent it (`metadata`); at most 4 KB. */
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  /** Sequence of its first message in JOBS, for a cancel; absent in a claim that was stored before the job was queued. */
  readonly streamSeq?: number | undefined;
}

export interface RunPiece {
  readonly v: 1;
  readonly attempt: number;
  readonly delivery: number;
  /** With the first piece of an attempt. */
  readonly head?: HeadMeta | undefined;
  /** The attempt begins anew: what earlier pieces said is void. */
  readonly restart?: boolean | undefined;
}

/** `succeeded`: a head with a 2xx status. `failed`: an error, or a provider's 4xx as head and bytes. */
export interface RunEnd {
  readonly v: 1;
  readonly job: string;
  readonly id?: string | undefined;
  readonly state: 'succeeded' | 'failed' | 'cancelled' | 'expired';
  readonly attempt: number;
  readonly head?: HeadMeta | undefined;
  readonly error?: ErrorRecord | undefined;
  readonly usage?: TokenUsage | undefined;
  readonly cost?: CostBreakdown | undefined;
  readonly acceptedAt: number;
  readonly startedAt?: number | undefined;
  readonly endedAt: number;
  /** How many pieces came before: the bytes here are what is left behind them. */
  readonly pieces: number;
  /** Name in the `bodies` store of bytes that are too large for a message. */
  readonly bodyRef?: string | undefined;
}

export type RunFacts = RunClaim | RunPiece | RunEnd;

const LINE_END = 0x0a;

export function encodeRun(facts: RunFacts, bytes: Uint8Array = new Uint8Array(0)): Uint8Array {
  return Buffer.concat([Buffer.from(`${JSON.stringify(facts)}\n`), bytes]);
}

/** Facts and a view of the bytes behind them. Throws `InvalidMessage`. The subject says which of the three it is. */
export function decodeRun<T extends RunFacts>(data: Uint8Array): { readonly facts: T; readonly bytes: Uint8Array } {
  const buffer = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  const lineEnd = buffer.indexOf(LINE_END);
  if (lineEnd < 0) throw new InvalidMessage('a part of a run has no line of facts');
  return { facts: parseFacts(buffer.toString('utf8', 0, lineEnd)) as T, bytes: buffer.subarray(lineEnd + 1) };
}

function parseFacts(line: string): RunFacts {
  try {
    const value = JSON.parse(line) as RunFacts;
    if (value?.v === 1) return value;
  } catch (error) {
    throw new InvalidMessage('a part of a run is not readable', { cause: error });
  }
  throw new InvalidMessage('a part of a run has a version that is not known here');
}
