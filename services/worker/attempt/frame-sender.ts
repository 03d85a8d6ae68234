import { encodeFrame, type FrameFields, FRAME } from '#contracts';

/**
 * Frames of one attempt on their way to the ingress, over a link that may lose them.
 *
 * Every frame is kept until the ingress has acknowledged it, or until its heartbeat says the job is over there. At most
 * `WINDOW_BYTES`/`WINDOW_FRAMES` are under way; the rest waits in `backlog`, and `full` tells the reader of the provider's
 * stream to pause, so a slow client slows its provider down instead of filling this process.
 *
 *   send ─▶ backlog ─▶ sent, unacknowledged ─▶ acknowledged (dropped)
 *                          └─ resend: the ingress saw a gap, or the link came back
 */
export interface FrameSender {
  send(frame: Pick<FrameFields, 'kind' | 'meta' | 'body'>): void;
  /** The ingress has passed on everything up to `seq`. */
  acknowledge(seq: number): void;
  resendFrom(seq: number): void;
  /** No more room: stop reading until `onRoom`. */
  readonly full: boolean;
  /** The final frame is under way or delivered. */
  readonly finished: boolean;
  /** Of answers that are stored: what was sent is, or nobody wants it. The job's message is settled after it. */
  stored?(): Promise<void>;
}

export interface FrameSenderOptions {
  readonly attempt: number;
  readonly delivery: number;
  readonly publish: (frame: Uint8Array) => void;
  readonly onRoom: () => void;
}

const WINDOW_BYTES = 256 * 1024;
const WINDOW_FRAMES = 512;
/** NATS refuses messages above its `max_payload` (1 MB by default), and one event of a stream can hold a whole image. */
const FRAME_BODY_BYTES = 256 * 1024;

interface SentFrame {
  readonly seq: number;
  readonly bytes: Uint8Array;
}

export function createFrameSender(options: FrameSenderOptions): FrameSender {
  return new WindowedSender(options);
}

class WindowedSender implements FrameSender {
  finished = false;
  readonly #options: FrameSenderOptions;
  readonly #unacked: SentFrame[] = [];
  readonly #backlog: SentFrame[] = [];
  #unackedBytes = 0;
  #nextSeq = 0;

  constructor(options: FrameSenderOptions) {
    this.#options = options;
  }

  get full(): boolean {
    return this.#backlog.length > 0 || !this.#hasRoom();
  }

  send(fields: Pick<FrameFields, 'kind' | 'meta' | 'body'>): void {
    const { kind, body } = fields;
    if (kind !== FRAME.data || !body) return this.#queue(fields);
    if (body.length > 0 && body.length <= FRAME_BODY_BYTES) return this.#queue(fields);
    for (let at = 0; at < body.length; at += FRAME_BODY_BYTES) {
      this.#queue({ ...fields, body: body.subarray(at, at + FRAME_BODY_BYTES) });
    }
  }

  acknowledge(seq: number): void {
    const unacked = this.#unacked;
    while (unacked[0] && unacked[0].seq <= seq) this.#unackedBytes -= unacked.shift()?.bytes.length ?? 0;
    while (this.#hasRoom()) {
      const frame = this.#backlog.shift();
      if (!frame) break;
      this.#launch(frame);
    }
    if (this.#backlog.length === 0 && this.#hasRoom()) this.#options.onRoom();
  }

  resendFrom(seq: number): void {
    for (const frame of this.#unacked) if (frame.seq >= seq) this.#options.publish(frame.bytes);
  }

  #hasRoom(): boolean {
    return this.#unacked.length < WINDOW_FRAMES && this.#unackedBytes < WINDOW_BYTES;
  }

  #launch(frame: SentFrame): void {
    this.#unacked.push(frame);
    this.#unackedBytes += frame.bytes.length;
    this.#options.publish(frame.bytes);
  }

  #queue(fields: Pick<FrameFields, 'kind' | 'meta' | 'body'>): void {
    const { attempt, delivery } = this.#options;
    const seq = this.#nextSeq++;
    const frame = { seq, bytes: encodeFrame({ ...fields, seq, attempt, delivery }) };
    if (fields.kind === FRAME.final || fields.kind === FRAME.moved) this.finished = true;
    if (this.#backlog.length > 0 || !this.#hasRoom()) this.#backlog.push(frame);
    else this.#launch(frame);
  }
}
