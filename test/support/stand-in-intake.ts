import { hash, randomUUID } from 'node:crypto';
import { type BatchConsumer, type Bus, openBatchConsumer, openRunStore, publishDurably, type StreamMessage } from '#bus';
import { encodeRun, NO_COST, NO_USAGE, type RunEnd, type RunPiece, runSubject } from '#contracts';
import { SUBMIT_STREAM, SUBMIT_SUBJECTS, submissionJobId } from '#contracts';

/** A submission as the stand-in has it. */
export interface TakenSubmission {
  readonly owner: string;
  readonly lane: string;
  readonly group: string;
  readonly id: string;
  readonly body: string;
}

export interface StandInAnswer extends Partial<Pick<RunEnd, 'state' | 'error' | 'usage' | 'cost'>> {
  readonly status?: number;
  readonly text: string;
  /** Stored before the end, as a stream or a large answer is. */
  readonly pieces?: readonly string[];
}

/** Takes submissions in the place of an ingress and answers them in the place of a worker. */
export interface StandInIntake {
  /** Names that were run, in their order: one that was accepted before is not run. */
  readonly ran: readonly string[];
  close(): Promise<void>;
}

const OPTIONS = { stream: SUBMIT_STREAM, consumer: 'stand-in', filterSubject: SUBMIT_SUBJECTS, lingerMs: 5, ackWaitMs: 5_000 };

/** What becomes of jobs; what is submitted has its stream from `ensureTopology`. */
export async function ensureQueueStreams(bus: Bus): Promise<void> {
  await openRunStore(bus, { ttlMs: 86_400_000, maxBytes: 1024 ** 3 });
}

export async function startStandInIntake(
  bus: Bus,
  answer: (submission: TakenSubmission) => StandInAnswer | Promise<StandInAnswer>,
): Promise<StandInIntake> {
  await ensureQueueStreams(bus);
  const consumer = await openBatchConsumer(bus, { ...OPTIONS, maxMessages: 500, maxAckPending: 20_000 });
  const ran: string[] = [];
  const accepted = new Set<string>();
  const working = work({ bus, consumer, ran, accepted, answer });
  return {
    ran,
    async close() {
      await consumer.close();
      await working;
    },
  };
}

interface Work {
  readonly bus: Bus;
  readonly consumer: BatchConsumer;
  readonly ran: string[];
  readonly accepted: Set<string>;
  readonly answer: (submission: TakenSubmission) => StandInAnswer | Promise<StandInAnswer>;
}

async function work({ bus, consumer, ran, accepted, answer }: Work): Promise<void> {
  const open: Promise<void>[] = [];
  for (let batch = await consumer.next(); batch.length > 0; batch = await consumer.next()) {
    for (const message of batch) {
      if (message.subject.startsWith('submit.cancel.')) {
        open.push(storeCancel(bus, message));
        continue;
      }
      const [, , owner = '', lane = '', group = '', id = ''] = message.subject.split('.');
      if (accepted.has(message.subject)) {
        message.ack();
        continue;
      }
      accepted.add(message.subject);
      ran.push(id);
      const submission = { owner, lane, group, id, body: Buffer.from(message.data).toString() };
      const stored = Promise.resolve(answer(submission)).then((given) => storeRun(bus, submission, given));
      open.push(stored.then(message.ack));
    }
  }
  await Promise.all(open);
}

async function storeCancel(bus: Bus, { subject, ack }: StreamMessage): Promise<void> {
  const [, , owner = '', group = '', id = ''] = subject.split('.');
  const job = submissionJobId(owner, group, id, (name) => hash('sha256', name));
  const store = await openRunStore(bus, { ttlMs: 86_400_000, maxBytes: 1024 ** 3 });
  await store.cancel({ owner, group, job });
  ack();
}

async function storeRun(
  bus: Bus,
  { owner, group, id }: TakenSubmission,
  { text, status = 200, pieces = [], ...rest }: StandInAnswer,
): Promise<void> {
  const job = submissionJobId(owner, group, id, (name) => hash('sha256', name));
  const put = (part: number | 'end', data: Uint8Array) =>
    publishDurably(bus, { subject: runSubject({ owner, group, job }, part), data, messageId: randomUUID() }, { giveUpAfterMs: 10_000 });
  const head = { status, headers: { 'content-type': 'application/json' } };
  for (const [number, piece] of pieces.entries()) {
    const facts: RunPiece = { v: 1, attempt: 1, delivery: 1, head: number === 0 ? head : undefined };
    await put(number, encodeRun(facts, Buffer.from(piece)));
  }
  const now = Date.now();
  const end: RunEnd = {
    v: 1,
    job,
    id,
    state: 'succeeded',
    attempt: 1,
    head: pieces.length === 0 ? head : undefined,
    usage: NO_USAGE,
    cost: NO_COST,
    acceptedAt: now,
    endedAt: now,
    pieces: pieces.length,
    ...rest,
  };
  await put('end', encodeRun(end, Buffer.from(text)));
}
