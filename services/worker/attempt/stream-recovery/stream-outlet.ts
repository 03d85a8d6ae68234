import { createSentLog, FRAME, type HeadMeta, type SentAnswer, type SentLog, type SentPieces } from '#contracts';
import type { StreamStep } from '#dialects';
import type { FrameSender } from '../frame-sender.ts';
import { createHeldAnswer } from './held-answer.ts';

/**
 * The client's end of a stream: the head leaves on its own after a while, events are held until `release`, and what has left is
 * noted for an attempt that may have to go on with it.
 */
export interface StreamOutlet {
  released(): boolean;
  heldBytes(): number;
  readonly sent: SentLog;
  /** The provider has answered: the head will leave. */
  arm(head: () => HeadMeta): void;
  /** What is held leaves, and all that comes from now on at once. */
  release(): void;
  take(step: StreamStep): void;
  /** What is held, which is not to leave as it is: its caller has it now. */
  takeHeld(): Uint8Array;
  /** Nothing more leaves. */
  close(): void;
}

export interface StreamOutletOptions {
  readonly sender: Pick<FrameSender, 'send'>;
  readonly sent: SentAnswer | undefined;
  readonly holdBackMs: number;
}

/** An event above this leaves in several frames: when their worker dies between two of them, the client has half an event. */
const WHOLE_FRAME_BYTES = 256 * 1024;
const NOTHING = new Uint8Array(0);

export function createStreamOutlet({ sender, sent: earlier, holdBackMs }: StreamOutletOptions): StreamOutlet {
  const held = createHeldAnswer();
  const sent = createSentLog(earlier);
  let buildHead: (() => HeadMeta) | undefined;
  let holdBack: NodeJS.Timeout | undefined;
  let released = false;
  let closed = false;

  const sendHead = (): void => {
    clearTimeout(holdBack);
    if (buildHead !== undefined && !closed) sender.send({ kind: FRAME.head, meta: buildHead() });
    buildHead = undefined;
  };

  const send = (body: Uint8Array, shown: SentPieces | undefined): void => {
    const meta = shown !== undefined && body.length > WHOLE_FRAME_BYTES ? { ...shown, broken: true as const } : shown;
    if (meta !== undefined) sent.add(meta);
    sender.send({ kind: FRAME.data, meta, body });
  };

  return {
    sent,
    released: () => released,
    heldBytes: () => held.bytes(),
    arm(head) {
      buildHead = head;
      holdBack = setTimeout(sendHead, holdBackMs);
    },
    release() {
      if (released || closed) return;
      released = true;
      sendHead();
      const all = held.take();
      if (all !== undefined) send(all.body, all.shown);
    },
    take({ bytes = NOTHING, shown }) {
      if (bytes.length === 0 && shown === undefined) return;
      if (released) send(bytes, shown);
      else held.add(bytes, shown);
    },
    takeHeld: () => held.take()?.body ?? NOTHING,
    close() {
      closed = true;
      clearTimeout(holdBack);
    },
  };
}
