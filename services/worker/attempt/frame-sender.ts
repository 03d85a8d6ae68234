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
  let nextSeq = 0;
  let finished = false;
  let unackedBytes = 0;
  const unacked: SentFrame[] = [];
  const backlog: SentFrame[] = [];

  const roomLeft = (): boolean => unacked.length < WINDOW_FRAMES && unackedBytes < WINDOW_BYTES;
  const launch = (frame: SentFrame): void => {
    unacked.push(frame);
    unackedBytes += frame.bytes.length;
    options.publish(frame.bytes);
  };
  const queue = (fields: Pick<FrameFields, 'kind' | 'meta' | 'body'>): void => {
    const seq = nextSeq++;
    const frame = { seq, bytes: encodeFrame({ ...fields, seq, attempt: options.attempt, delivery: options.delivery }) };
    if (fields.kind === FRAME.final || fields.kind === FRAME.moved) finished = true;
    if (backlog.length > 0 || !roomLeft()) backlog.push(frame);
    else launch(frame);
  };

  return {
    get full() {
      return backlog.length > 0 || !roomLeft();
    },
    get finished() {
      return finished;
    },
    send(fields) {
      if (fields.kind !== FRAME.data || !fields.body) return queue(fields);
      for (let at = 0; at < fields.body.length; at += FRAME_BODY_BYTES) {
        queue({ ...fields, body: fields.body.subarray(at, at + FRAME_BODY_BYTES) });
      }
    },
    acknowledge(seq) {
      while (unacked[0] && unacked[0].seq <= seq) unackedBytes -= unacked.shift()?.bytes.length ?? 0;
      while (roomLeft()) {
        const frame = backlog.shift();
        if (!frame) break;
        launch(frame);
      }
      if (backlog.length === 0 && roomLeft()) options.onRoom();
    },
    resendFrom(seq) {
      for (const frame of unacked) if (frame.seq >= seq) options.publish(frame.bytes);
    },
  };
}
