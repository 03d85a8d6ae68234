import { type Frame, frameMeta, type StartedMeta } from '#contracts';
import { FrameIntake } from './frame-intake.ts';

export interface AttemptPlace {
  readonly attempt: number;
  readonly delivery?: number | undefined;
  readonly cursor: number;
  readonly streamSeq?: number | undefined;
  readonly queuedAt: number;
}

/** One attempt of a pending job, and one delivery of it, as far as its ingress knows. Times are Unix milliseconds. */
export class AttemptLane {
  readonly attempt: number;
  /** The delivery its frames come from; 0 while queued. */
  delivery: number;
  /** Its place in the plan. */
  cursor: number;
  /** Sequence of its message in JOBS; undefined until its publish is acknowledged. */
  streamSeq: number | undefined;
  /** Runs it; undefined while it is queued. */
  worker: string | undefined;
  /** The worker that last said that it has been handed it and waits for a permit to start it. */
  holder: { readonly worker: string; readonly heardAt: number } | undefined;
  queuedAt: number;
  startedAt: number | undefined;
  /** Frames with content that were passed on, about one token each. */
  contentFrames = 0;
  /** Its failover is under way: its silence must not start another. */
  failingOver = false;
  readonly intake = new FrameIntake();

  constructor({ attempt, delivery = 0, cursor, streamSeq, queuedAt }: AttemptPlace) {
    this.attempt = attempt;
    this.delivery = delivery;
    this.cursor = cursor;
    this.streamSeq = streamSeq;
    this.queuedAt = queuedAt;
  }

  /** A later attempt or delivery of it, of which nothing else is known yet. */
  followedBy(attempt: number, delivery: number): AttemptLane {
    const { cursor, streamSeq, queuedAt } = this;
    return new AttemptLane({ attempt, delivery, cursor, streamSeq, queuedAt });
  }

  started(frame: Frame, now: number): StartedMeta {
    const started = frameMeta<StartedMeta>(frame);
    this.worker = started.worker;
    this.holder = undefined;
    this.cursor = started.cursor ?? this.cursor;
    this.streamSeq = started.streamSeq ?? this.streamSeq;
    this.startedAt ??= now;
    return started;
  }

  /** A heartbeat told of it: what is booked if this worker dies must have the name that its own outcome would have. */
  adopted(worker: string, delivery: number, now: number): void {
    this.delivery = delivery;
    this.worker = worker;
    this.startedAt ??= now;
  }
}
