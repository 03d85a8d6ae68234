import type { Frame } from '#contracts';

/**
 * The frames of one attempt and delivery, put in order. They count from 0: one that comes early is parked until the gap before it has been
 * filled by a resend. Frames are acknowledged in bulk; a worker keeps what is not, and stops reading its provider at 256 KB or 512 frames.
 */
export class FrameIntake {
  readonly #parked = new Map<number, Frame>();
  #nextSeq = 0;
  #unackedFrames = 0;
  #unackedBytes = 0;
  #resendAskedAt = Number.NEGATIVE_INFINITY;

  /** Gives the frames that are due, in order, until `apply` says that there is no more to do. False: something before this one is missing. */
  take(frame: Frame, apply: (frame: Frame) => boolean): boolean {
    if (frame.seq > this.#nextSeq) {
      this.#parked.set(frame.seq, frame);
      return false;
    }
    // sent again although it arrived: an ack got lost, and a worker with a full window sends nothing new to be acknowledged
    if (frame.seq < this.#nextSeq) this.#count(frame);
    else this.#takeDue(frame, apply);
    return true;
  }

  get ackIsDue(): boolean {
    return this.#unackedFrames >= ACK_EVERY_FRAMES || this.#unackedBytes >= ACK_EVERY_BYTES;
  }

  /** The last frame that may be forgotten; undefined when nothing has come since the last time. */
  acknowledged(): number | undefined {
    if (this.#unackedFrames === 0) return undefined;
    this.#unackedFrames = 0;
    this.#unackedBytes = 0;
    return this.#nextSeq - 1;
  }

  /** An ack may have been lost: the next one is worth sending without further frames. */
  ackMayBeLost(): void {
    if (this.#nextSeq > 0) this.#unackedFrames += 1;
  }

  /** From which frame on to ask again; undefined when that was asked a moment ago. `now` is Unix milliseconds. */
  missingFrom(now: number): number | undefined {
    if (now - this.#resendAskedAt < RESEND_PAUSE_MS) return undefined;
    this.#resendAskedAt = now;
    return this.#nextSeq;
  }

  #takeDue(first: Frame, apply: (frame: Frame) => boolean): void {
    for (let next: Frame | undefined = first; next; next = this.#parked.get(this.#nextSeq)) {
      this.#parked.delete(next.seq);
      this.#nextSeq += 1;
      this.#count(next);
      if (!apply(next)) return;
    }
  }

  #count(frame: Frame): void {
    this.#unackedFrames += 1;
    this.#unackedBytes += frame.body.length;
  }
}

const ACK_EVERY_FRAMES = 32;
const ACK_EVERY_BYTES = 16 * 1024;
const RESEND_PAUSE_MS = 200;
