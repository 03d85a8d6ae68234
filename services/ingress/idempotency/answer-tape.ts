import { type AnswerEvent, type GatewayError, type HeadMeta, toErrorRecord } from '#contracts';
import type { ClientResponse } from '../chat/client-response.ts';

/** One who reads an answer at its own pace. */
export interface TapeReader {
  /** Of the next event it takes, counted from 0. */
  position: number;
  /** There is more, or it is over. */
  readonly wake: () => void;
}

export interface AnswerTapeOptions {
  readonly job: string;
  /** Of an answer that is kept whole. A larger one is kept as far as a reader still needs it, and nobody can join any more. */
  readonly limitBytes: number;
  /** Room again after `backedUp`. */
  readonly onDrain?: () => void;
  /** The last reader left before the end. */
  readonly onAlone?: () => void;
  /** What is to be done before readers have the end; `whole` is undefined for an answer above the limit. */
  readonly beforeEnd?: (whole: readonly AnswerEvent[] | undefined, error: GatewayError | undefined) => Promise<void> | undefined;
}

/** What an event takes in memory beside its bytes. */
const EVENT_BYTES = 64;

/**
 * An answer with any number of readers: the job's client, clients of its retries here or at other ingresses, or nobody for a while. Who
 * joins reads from the start and then what comes. It takes the place of the one client on the job's side.
 *
 * recording ──end, fail──▶ over ──what must be stored is──▶ finished
 */
export class AnswerTape implements ClientResponse {
  readonly job: string;
  readonly #options: AnswerTapeOptions;
  readonly #readers = new Set<TapeReader>();
  #events: AnswerEvent[] = [];
  /** Events that all readers of a large answer have taken, and that are gone. */
  #dropped = 0;
  #heldBytes = 0;
  #isWhole = true;
  #isOver = false;
  #status = 0;

  constructor(options: AnswerTapeOptions) {
    this.#options = options;
    this.job = options.job;
  }

  get headSent(): boolean {
    return this.#status !== 0;
  }

  get over(): boolean {
    return this.#isOver;
  }

  get status(): number {
    return this.#status;
  }

  get backedUp(): boolean {
    return !this.#isWhole && this.#heldBytes > this.#options.limitBytes;
  }

  get readers(): number {
    return this.#readers.size;
  }

  head(head: HeadMeta): void {
    if (this.#isOver || this.headSent) return;
    this.#status = head.status;
    this.append({ kind: 'head', head });
  }

  write(bytes: Uint8Array): void {
    if (!this.#isOver && bytes.length > 0) this.append({ kind: 'data', bytes: Buffer.from(bytes) });
  }

  end(head: HeadMeta | undefined, bytes: Uint8Array | undefined): void {
    this.#finish({ kind: 'end', head: this.headSent ? undefined : head, bytes: bytes && Buffer.from(bytes) }, undefined);
  }

  fail(error: GatewayError, head?: HeadMeta): void {
    this.#finish({ kind: 'fail', error: toErrorRecord(error), head }, error);
  }

  /** False when what it would read from its position on is gone. */
  join(reader: TapeReader): boolean {
    if (reader.position < this.#dropped) return false;
    this.#readers.add(reader);
    return true;
  }

  leave(reader: TapeReader): void {
    if (!this.#readers.delete(reader)) return;
    this.#trim();
    if (this.#readers.size === 0 && !this.#isOver) this.#options.onAlone?.();
  }

  /** Undefined when it has not come yet, or is gone. */
  at(position: number): AnswerEvent | undefined {
    return this.#events[position - this.#dropped];
  }

  /** A reader has moved on. */
  taken(): void {
    this.#trim();
  }

  append(event: AnswerEvent): void {
    this.#events.push(event);
    this.#heldBytes += sizeOf(event);
    if (this.#heldBytes > this.#options.limitBytes) this.#isWhole = false;
    if (isLast(event)) this.#isOver = true;
    this.#trim();
    for (const reader of [...this.#readers]) reader.wake();
  }

  #finish(event: AnswerEvent, error: GatewayError | undefined): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const head = event.kind === 'end' ? event.head : undefined;
    this.#status ||= error?.status ?? head?.status ?? 0;
    if (this.#heldBytes + sizeOf(event) > this.#options.limitBytes) this.#isWhole = false;
    const stored = this.#options.beforeEnd?.(this.#isWhole ? [...this.#events, event] : undefined, error);
    if (stored === undefined) this.append(event);
    else void stored.then(() => this.append(event));
  }

  #trim(): void {
    if (this.#isWhole) return;
    const wasBackedUp = this.backedUp;
    let needed = this.#dropped + this.#events.length;
    for (const { position } of this.#readers) needed = Math.min(needed, position);
    for (const event of this.#events.splice(0, needed - this.#dropped)) this.#heldBytes -= sizeOf(event);
    this.#dropped = needed;
    if (wasBackedUp && !this.backedUp) this.#options.onDrain?.();
  }
}

export function isLast(event: AnswerEvent): boolean {
  return event.kind === 'end' || event.kind === 'fail';
}

function sizeOf(event: AnswerEvent): number {
  return EVENT_BYTES + ('bytes' in event ? (event.bytes?.length ?? 0) : 0);
}
