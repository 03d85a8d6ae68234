import type { ErrorRecord } from './gateway-error.ts';
import type { HeadMeta } from './frame.ts';
import { type ClientDialect, InvalidMessage, type JobMeta } from './job.ts';
import type { Lane } from './lane.ts';
import type { CostBreakdown, TokenUsage } from './usage.ts';

/**
 * What became of a job that nobody waits for on a connection: messages of the stream `RUNS`, subjects by `runSubject`.
 *
 * claim   the job was accepted. Stored by whoever accepts it, with expected last sequence 0 of its subject: one acceptance per name, for
 *         as long as the stream keeps it, however often it is submitted
 * 0, 1, … pieces of a stream's bytes in the client's dialect, in order; several events may share a piece (`RunPiece`)
 * end     the outcome; the last message there will be (`RunEnd`). Of several that would end it the first one does
 * cancel  somebody wants it to end: whoever runs it, or would, ends it as `cancelled` (`RunCancel`). Without a job in its subject it is
 *         for all jobs of the group that were accepted before it
 * request what was asked, for jobs whose end is no success and that may be asked again (`RunRequest`); the bytes are the request's body
 *
 * Answers that are too large for one message are pieces and an end, whether they are streams or not.
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
  /** Sequence in SUBMIT of the submission that it was made of. */
  readonly submission?: number | undefined;
  /** Of the request and its answer. */
  readonly dialect?: ClientDialect | undefined;
  /** What its stream does when an attempt begins anew; a reader that has text of the one before gets an error unless it is `restart`. */
  readonly onStreamFailure?: JobMeta['onStreamFailure'];
}

export interface RunPiece {
  readonly v: 1;
  readonly attempt: number;
  readonly delivery: number;
  /** With the first piece of an attempt. */
  readonly head?: HeadMeta | undefined;
  /** The answer begins anew: what earlier pieces said is void. */
  readonly restart?: boolean | undefined;
  /** The first piece of the answer that it belongs to; 0 when absent. */
  readonly from?: number | undefined;
}

/** `succeeded`: a head with a 2xx status. `failed`: an error, or a provider's 4xx as head and bytes. */
export interface RunEnd {
  readonly v: 1;
  readonly job: string;
  readonly id?: string | undefined;
  readonly state: 'succeeded' | 'failed' | 'cancelled' | 'expired';
  readonly attempt: number;
  /** Status and headers, unless its pieces have them. */
  readonly head?: HeadMeta | undefined;
  readonly error?: ErrorRecord | undefined;
  readonly usage?: TokenUsage | undefined;
  readonly cost?: CostBreakdown | undefined;
  readonly acceptedAt: number;
  readonly startedAt?: number | undefined;
  readonly endedAt: number;
  /** How many pieces came before: the bytes here are what is left behind them. */
  readonly pieces: number;
  /** The first of them that counts; those before it are of attempts that were given up. 0 when absent. */
  readonly from?: number | undefined;
  /** Name in the `bodies` store of bytes that are too large for a message. */
  readonly bodyRef?: string | undefined;
}

export interface RunCancel {
  readonly v: 1;
  /** Unix milliseconds. */
  readonly at: number;
}

/** What is needed to submit a job again. Never has a credential: neither `authorization` nor cookies nor a key's secret. */
export interface RunRequest {
  readonly v: 1;
  /** The client's route with its parameters filled in, where the model is part of the path. */
  readonly route: string;
  readonly lane: Lane;
  /** Those that attribute and route it, names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Who tells others of the ends of background jobs. */
export const WEBHOOKS_CONSUMER = 'webhooks';

export type RunFacts = RunClaim | RunPiece | RunEnd | RunCancel | RunRequest;

const LINE_END = 0x0a;

export function encodeRun(facts: RunFacts, bytes: Uint8Array = new Uint8Array(0)): Uint8Array {
  return Buffer.concat([Buffer.from(`${JSON.stringify(facts)}\n`), bytes]);
}

/** Facts and a view of the bytes behind them. Throws `InvalidMessage`. The subject says which of them it is. */
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
