import { type Bus, type ReadMessage, readSubject } from '#bus';
import { decodeRun, type HeadMeta, parseRunSubject, type RunEnd, type RunName, type RunPiece, RUNS_STREAM, runSubject } from '#contracts';

/** What became of a job. */
export interface JobResult extends Pick<RunEnd, 'state' | 'error' | 'usage' | 'cost' | 'attempt' | 'acceptedAt' | 'endedAt'> {
  readonly job: string;
  readonly group: string;
  /** As it was submitted. */
  readonly id: string;
  /** Of the answer; undefined where the job failed before it had one. */
  readonly head: HeadMeta | undefined;
  /** The answer's bytes: JSON, or the events of a stream. */
  readonly body: Uint8Array;
  /** Where it is among the results: give it as `after` to go on behind it. */
  readonly place: number;
  /** Results of the group that are stored behind it. */
  readonly behind: number;
}

const READS = 16;
const TRIES = 20;
const PAUSE_MS = 100;

/** The result that an end tells, with the pieces that were stored before it. Rejects when the server can't give one of them. */
export async function readResult(bus: Bus, { subject, data, streamSeq, behind }: ReadMessage): Promise<JobResult> {
  const name = parseRunSubject(subject);
  const { facts: end, bytes } = decodeRun<RunEnd>(data);
  const { head, body } = end.pieces > (end.from ?? 0) ? await readPieces(bus, name, end, bytes) : { head: end.head, body: bytes };
  const { state, error, usage, cost, attempt, acceptedAt, endedAt } = end;
  const { job, group } = name;
  return {
    job,
    group,
    id: end.id ?? job,
    state,
    error,
    usage,
    cost,
    attempt,
    acceptedAt,
    endedAt,
    head,
    body,
    place: streamSeq,
    behind,
  };
}

async function readPieces(bus: Bus, name: RunName, { from = 0, pieces, head: ownHead }: RunEnd, rest: Uint8Array) {
  const parts: Uint8Array[] = [];
  let head = ownHead;
  for (let at = from; at < pieces; at += READS) {
    const numbers = Array.from({ length: Math.min(READS, pieces - at) }, (_, index) => at + index);
    for (const data of await Promise.all(numbers.map((number) => readPart(bus, runSubject(name, number))))) {
      const { facts, bytes } = decodeRun<RunPiece>(data);
      head ??= facts.head;
      parts.push(bytes);
    }
  }
  return { head, body: Buffer.concat([...parts, rest]) };
}

/** A replica may be behind the one that told of the end. */
async function readPart(bus: Bus, subject: string): Promise<Uint8Array> {
  for (let tries = 1; ; tries += 1) {
    const data = await readSubject(bus, RUNS_STREAM, subject);
    if (data !== undefined) return data;
    if (tries === TRIES) throw new Error(`a part of the answer is gone: ${subject}`);
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}
