import {
  asGatewayError,
  type AttemptFailure,
  decodeFrame,
  type FinalMeta,
  FRAME,
  type Frame,
  frameMeta,
  fromErrorRecord,
  GatewayError,
  type HeadMeta,
  InvalidMessage,
  type JobMeta,
  type MovedMeta,
  type StartedMeta,
  type WorkerControl,
} from '#contracts';
import { encodeRestart } from '#dialects';
import type { ClientResponse } from '../chat/client-response.ts';
import { createShownAnswer, type ShownAnswer } from './shown-answer.ts';

/**
 * A job whose client waits here.
 *
 * queued ──started──▶ running ──head, data*──▶ … ──final──▶ over
 *    ▲                   │ moved: another candidate's attempt, queued again
 *    └───────────────────┘ worker lost before content: the next attempt, queued again (failover.ts)
 *
 * One attempt is current; frames of lower ones are fenced, a frame of a higher one means that its `moved` got lost. Within
 * an attempt frames count from 0: an early one waits for the gap before it to be filled by a resend.
 */
export class PendingJob {
  readonly meta: JobMeta;
  readonly response: ClientResponse;
  /** The current attempt, its place in the plan, and the delivery its frames come from (0 while queued). */
  attempt: number;
  cursor: number;
  delivery = 0;
  /** Runs the current attempt; undefined while it is queued. */
  worker: string | undefined;
  /** The worker that last said (Unix ms) that it has been handed the current attempt and waits for a permit to start it. */
  holder: { readonly worker: string; readonly heardAt: number } | undefined;
  /** When the current attempt was queued, and when it started (Unix ms). */
  queuedAt: number;
  startedAt: number | undefined;
  /** Sequence of the current attempt's message in JOBS; undefined until its publish is acknowledged. */
  streamSeq: number | undefined;
  /** Frames with content passed on, about one token each: of the answer that the client has, and of the current attempt. */
  relayedFrames = 0;
  attemptFrames = 0;
  /** What the client has of the answer, where another attempt may go on with it. */
  readonly shown: ShownAnswer | undefined;
  /** Names under which it was left for attempts: to be deleted with the job. */
  readonly sentRefs: string[] = [];
  previousError: string | undefined;
  /** Its failed attempts, as the worker of the current one told. */
  failures: readonly AttemptFailure[] | undefined;
  over = false;
  /** A failover of the current attempt is under way: its silence must not start another. */
  failingOver = false;

  readonly #options: PendingJobOptions;
  readonly #parked = new Map<number, Frame>();
  /** Frames of the next attempt that came before this one's `moved`. */
  readonly #early: Frame[] = [];
  #nextSeq = 0;
  #unackedFrames = 0;
  #unackedBytes = 0;
  #resendAskedAt = 0;

  constructor(options: PendingJobOptions) {
    this.#options = options;
    this.meta = options.meta;
    this.response = options.response;
    this.attempt = options.meta.attempt;
    this.cursor = options.meta.cursor;
    this.shown = createShownAnswer(options.meta);
    this.queuedAt = options.now();
  }

  onFrame(data: Uint8Array): void {
    if (this.over) return;
    try {
      this.#take(decodeFrame(data));
    } catch (error) {
      if (!(error instanceof InvalidMessage)) this.fail(asGatewayError(error));
    }
  }

  /** The client's socket has room again, or enough has been passed on: the worker may forget it. */
  acknowledge(): void {
    if (!this.worker || this.#unackedFrames === 0 || this.over) return;
    this.#unackedFrames = 0;
    this.#unackedBytes = 0;
    this.#control({ type: 'ack', job: this.meta.id, attempt: this.attempt, delivery: this.delivery, seq: this.#nextSeq - 1 });
  }

  /** The job goes on with a later attempt; what still comes from this one is fenced. */
  queuedAgain(next: {
    attempt: number;
    cursor: number;
    streamSeq: number | undefined;
    reason?: string | undefined;
    failures?: readonly AttemptFailure[] | undefined;
  }): void {
    if (next.attempt <= this.attempt) return;
    this.#startAttempt(next.attempt, 0);
    this.cursor = next.cursor;
    this.streamSeq = next.streamSeq;
    this.queuedAt = this.#options.now();
    this.previousError = next.reason ?? this.previousError;
    this.failures = next.failures ?? this.failures;
    for (const frame of this.#early.splice(0)) if (!this.over) this.#take(frame);
  }

  /** How an attempt that is lost now can be replaced although the client has text of it. */
  get recovery(): 'continue' | 'restart' | undefined {
    if (this.meta.onStreamFailure === 'restart') return 'restart';
    return this.shown?.answer() === undefined ? undefined : 'continue';
  }

  /** The client is told to forget what it has. */
  restart(reason: string): void {
    if (this.relayedFrames === 0 || this.over) return;
    this.response.write(encodeRestart(this.meta.dialect, { attempt: this.attempt + 1, reason }));
    this.relayedFrames = 0;
  }

  /** This side's link was away: frames and acks got lost, and a worker with a full window waits for both. */
  catchUp(): void {
    if (!this.worker || this.over) return;
    if (this.#nextSeq > 0) this.#unackedFrames += 1;
    if (!this.response.backedUp) this.acknowledge();
    this.#askAgain();
  }

  /** A heartbeat names a worker that runs an attempt whose start was not seen: its first frames got lost. */
  adopt(worker: string, attempt: number, delivery: number): void {
    if (attempt > this.attempt && this.relayedFrames > 0) return;
    if (attempt > this.attempt) this.#startAttempt(attempt, delivery);
    // what is booked if this worker dies must have the name that its own outcome would have
    this.delivery = delivery;
    this.worker = worker;
    this.startedAt ??= this.#options.now();
    this.#askAgain();
  }

  fail(error: GatewayError, head?: HeadMeta): void {
    if (this.over) return;
    this.response.fail(error, head);
    this.#finish(error);
  }

  #take(frame: Frame): void {
    if (!this.#belongs(frame)) return;
    // sent again although it arrived: an ack got lost, and a worker with a full window sends nothing new to be acknowledged
    if (frame.seq < this.#nextSeq) return this.#count(frame);
    if (frame.seq > this.#nextSeq) {
      this.#parked.set(frame.seq, frame);
      return this.#askAgain();
    }
    for (let next: Frame | undefined = frame; next && !this.over; next = this.#parked.get(this.#nextSeq)) {
      this.#parked.delete(next.seq);
      this.#nextSeq += 1;
      this.#apply(next);
    }
    this.#acknowledgeIfDue();
  }

  #count(frame: Frame): void {
    this.#unackedFrames += 1;
    this.#unackedBytes += frame.body.length;
    this.#acknowledgeIfDue();
  }

  #acknowledgeIfDue(): void {
    const due = this.#unackedFrames >= ACK_EVERY_FRAMES || this.#unackedBytes >= ACK_EVERY_BYTES;
    if (due && !this.response.backedUp) this.acknowledge();
  }

  /** False for frames of attempts that are over, and for a second attempt's once the client has text of the first. */
  #belongs(frame: Frame): boolean {
    if (frame.attempt < this.attempt || (frame.attempt === this.attempt && frame.delivery < this.delivery)) return false;
    const isNew = frame.attempt > this.attempt || (frame.delivery > this.delivery && this.delivery !== 0);
    if (isNew && this.relayedFrames > 0) return this.#keepEarly(frame);
    if (isNew) this.#startAttempt(frame.attempt, frame.delivery);
    this.delivery = frame.delivery;
    return true;
  }

  #apply(frame: Frame): void {
    this.#unackedFrames += 1;
    this.#unackedBytes += frame.body.length;
    switch (frame.kind) {
      case FRAME.data:
        return this.#applyData(frame);
      case FRAME.started:
        return this.#applyStarted(frameMeta<StartedMeta>(frame));
      case FRAME.head:
        return this.response.head(frameMeta<HeadMeta>(frame));
      case FRAME.moved:
        return this.#applyMoved(frameMeta<MovedMeta>(frame));
      case FRAME.final:
        return this.#applyFinal(frameMeta<FinalMeta>(frame), frame.body);
    }
  }

  /** Of a job that may go on with what the client has: the rest of the current attempt comes first. Always false. */
  #keepEarly(frame: Frame): false {
    const isNext = frame.attempt > this.attempt && this.recovery !== undefined;
    if (isNext && this.#early.length < MOST_EARLY_FRAMES) this.#early.push(frame);
    return false;
  }

  #applyData(frame: Frame): void {
    if (frame.body.length > 0) {
      this.relayedFrames += 1;
      this.attemptFrames += 1;
    }
    this.shown?.passedOn(frame);
    this.response.write(frame.body);
  }

  #applyMoved(moved: MovedMeta): void {
    if (moved.sentRef !== undefined) this.sentRefs.push(moved.sentRef);
    if (moved.recovery === 'restart') this.restart(moved.reason);
    if (this.relayedFrames > 0 && moved.recovery !== 'continue') {
      // the worker that had the answer died after it had decided to move the job: nobody goes on with the text
      return this.fail(new GatewayError('worker_lost', 'The worker that ran this request died. Send the request again.'));
    }
    this.shown?.handedOver(moved);
    this.queuedAgain(moved);
  }

  #applyStarted(started: StartedMeta): void {
    this.worker = started.worker;
    this.holder = undefined;
    this.cursor = started.cursor ?? this.cursor;
    this.streamSeq = started.streamSeq ?? this.streamSeq;
    this.failures = started.failures ?? this.failures;
    this.startedAt = this.#options.now();
    this.#options.onStarted(this);
  }

  #applyFinal(final: FinalMeta, body: Uint8Array): void {
    if (final.error) return this.fail(fromErrorRecord(final.error), final.head);
    this.response.end(final.head, body);
    this.#finish(undefined);
  }

  #startAttempt(attempt: number, delivery: number): void {
    this.attempt = attempt;
    this.delivery = delivery;
    this.worker = undefined;
    this.holder = undefined;
    this.startedAt = undefined;
    this.failingOver = false;
    this.attemptFrames = 0;
    this.#nextSeq = 0;
    this.#unackedFrames = 0;
    this.#unackedBytes = 0;
    this.#parked.clear();
  }

  #askAgain(): void {
    const now = this.#options.now();
    if (!this.worker || now - this.#resendAskedAt < RESEND_PAUSE_MS) return;
    this.#resendAskedAt = now;
    this.#options.onResend();
    this.#control({ type: 'resend', job: this.meta.id, attempt: this.attempt, delivery: this.delivery, seq: this.#nextSeq });
  }

  #control(message: WorkerControl): void {
    if (this.worker) this.#options.control(this.worker, message);
  }

  #finish(error: GatewayError | undefined): void {
    this.over = true;
    this.#parked.clear();
    this.#options.onOver(this, error);
  }
}

export interface PendingJobOptions {
  readonly meta: JobMeta;
  readonly response: ClientResponse;
  readonly now: () => number;
  readonly control: (worker: string, message: WorkerControl) => void;
  readonly onStarted: (job: PendingJob) => void;
  /** Called once, when the client has its answer or its error. */
  readonly onOver: (job: PendingJob, error: GatewayError | undefined) => void;
  readonly onResend: () => void;
}

/** Acknowledge this often: a worker keeps what is not acknowledged, and stops reading its provider at 256 KB or 512 frames. */
const ACK_EVERY_FRAMES = 32;
const ACK_EVERY_BYTES = 16 * 1024;
const RESEND_PAUSE_MS = 200;
/** A worker has at most so many frames unacknowledged. */
const MOST_EARLY_FRAMES = 512;
