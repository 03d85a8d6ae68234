import type { RunStore } from '#bus';
import {
  type ErrorRecord,
  FRAME,
  type FinalMeta,
  type FrameFields,
  type HeadMeta,
  type JobMeta,
  type RunEnd,
  type RunName,
} from '#contracts';
import type { FrameSender } from '../attempt/frame-sender.ts';
import { createPieceWriter, type PieceWriter } from './piece-writer.ts';
import type { AskedRequest } from './request-of.ts';
import type { RunPrompt } from './run-prompt.ts';

export interface RunSenderOptions {
  readonly meta: JobMeta;
  readonly name: RunName;
  readonly delivery: number;
  /** What the job was asked; kept where its end is no success, so that it can be asked again. */
  readonly asked: () => AskedRequest | undefined;
  /** Where what it is asked and answered is kept. */
  readonly prompt?: RunPrompt | undefined;
  readonly store: Pick<RunStore, 'put' | 'putRequest' | 'lastPart'>;
  readonly now: () => number;
  /** Room again after `full`. */
  readonly onRoom: () => void;
  /** A later delivery has taken the job over, or it was ended by somebody else: nobody wants the rest. */
  readonly onOvertaken: () => void;
  readonly log: { warn(fields: object, message: string): void };
}

/** More than this waits for the store only while it does not answer: the provider is not read meanwhile. */
const MOST_WAITING_BYTES = 1024 * 1024;
/** What an end may carry itself; NATS refuses messages above its `max_payload` (1 MB by default). */
const END_BYTES = 512 * 1024;
const PIECE_BYTES = 256 * 1024;
/** Tokens come by the hundred a second: those of this time share a piece, but for the first ones. */
const PIECE_PAUSE_MS = 50;

/**
 * The frames of a job that nobody waits for on a connection, into the stream `RUNS`: pieces of a live stream while it runs, then its end.
 *
 * collecting ──live, and bytes are there──▶ storing (one piece at a time) ──▶ collecting
 *     └──final──▶ what is too large for an end, as pieces ──▶ the request, where it failed ──▶ end ──▶ stored
 *     └──moved──▶ stored: the next attempt goes on, here or elsewhere
 */
export function createRunSender(options: RunSenderOptions): FrameSender {
  return new RunSender(options);
}

class RunSender implements FrameSender {
  finished = false;
  readonly #options: RunSenderOptions;
  readonly #writer: PieceWriter;
  readonly #startedAt: number;
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  #head: HeadMeta | undefined;
  #storing: Promise<void> | undefined;
  #wake: () => void = () => undefined;

  constructor(options: RunSenderOptions) {
    this.#options = options;
    this.#startedAt = options.now();
    this.#writer = createPieceWriter(options);
  }

  get full(): boolean {
    return this.#isLive && !this.finished && this.#waitingBytes > MOST_WAITING_BYTES;
  }

  send({ kind, meta, body }: Pick<FrameFields, 'kind' | 'meta' | 'body'>): void {
    if (this.finished) return;
    if (kind === FRAME.head) this.#begin(meta as HeadMeta);
    if (body !== undefined && body.length > 0) this.#add(body);
    if (kind === FRAME.moved || kind === FRAME.final) this.finished = true;
    this.#wake();
    if (kind === FRAME.final) this.#storing = this.#finish(meta as FinalMeta, this.#storing);
    else if (this.#isLive && this.#waitingBytes > 0) this.#storing ??= this.#storePieces();
  }

  /** What was sent is stored, or nobody wants it. */
  async stored(): Promise<void> {
    await this.#storing;
  }

  // frames are acknowledged by an ingress; there is none
  acknowledge(): void {}
  resendFrom(): void {}

  get #isLive(): boolean {
    return this.#options.meta.run?.live === true;
  }

  #begin(head: HeadMeta): void {
    this.#head = head;
    this.#options.prompt?.begun(head);
  }

  #add(bytes: Uint8Array): void {
    this.#options.prompt?.answered(bytes);
    // the bytes may be a view of what is read into next
    this.#waiting.push(Buffer.from(bytes));
    this.#waitingBytes += bytes.length;
  }

  #take(mostBytes: number): Uint8Array {
    const all = Buffer.concat(this.#waiting);
    const taken = all.subarray(0, mostBytes);
    const left = all.subarray(mostBytes);
    this.#waiting = left.length === 0 ? [] : [left];
    this.#waitingBytes = left.length;
    return taken;
  }

  async #storePieces(): Promise<void> {
    while (this.#waitingBytes > 0 && !this.finished) {
      const isFull = this.full;
      await this.#storePiece();
      if (isFull && !this.full) this.#options.onRoom();
      if (!this.finished) await this.#pause();
    }
    if (!this.finished) this.#storing = undefined;
  }

  async #storePiece(): Promise<void> {
    await this.#writer.write(this.#take(PIECE_BYTES), this.#takeHead());
  }

  #takeHead(): HeadMeta | undefined {
    const head = this.#head;
    this.#head = undefined;
    return head;
  }

  /** The last bytes do not wait. */
  #pause(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, PIECE_PAUSE_MS);
      this.#wake = () => {
        if (!this.finished) return;
        clearTimeout(timer);
        resolve();
      };
    });
  }

  async #finish(final: FinalMeta, before: Promise<void> | undefined): Promise<void> {
    await before;
    // text that waits came under its own head; a failure's is for an answer without any
    if (this.#waitingBytes === 0 || this.#head === undefined) this.#head = final.head ?? this.#head;
    while (this.#waitingBytes > END_BYTES) await this.#storePiece();
    if (final.error !== undefined) await this.#keepRequest();
    const isStored = await this.#writer.end((place) => this.#endOf(final, place), this.#take(END_BYTES));
    if (isStored) this.#options.prompt?.ended(final);
    else this.#options.prompt?.endedElsewhere();
  }

  /** Before the end: who sees that finds this. An end matters more: without the request it can't be asked again, that is all. */
  async #keepRequest(): Promise<void> {
    const { name, meta, store, asked, log } = this.#options;
    const kept = asked();
    if (kept === undefined) return;
    await store.putRequest(name, kept.request, kept.body).catch((error: unknown) => {
      log.warn({ err: error, jobId: meta.id }, 'the request of a job that failed could not be kept');
    });
  }

  #endOf(final: FinalMeta, place: Pick<RunEnd, 'pieces' | 'from'>): RunEnd {
    const { meta, now } = this.#options;
    return {
      v: 1,
      job: meta.id,
      id: meta.run?.id,
      state: endState(final.error, now() >= meta.deadlineAt),
      attempt: meta.attempt,
      head: place.pieces > (place.from ?? 0) ? undefined : this.#head,
      error: final.error,
      usage: final.usage,
      cost: final.cost,
      acceptedAt: meta.acceptedAt,
      startedAt: this.#startedAt,
      endedAt: now(),
      ...place,
    };
  }
}

function endState(error: ErrorRecord | undefined, isLate: boolean): RunEnd['state'] {
  if (error === undefined) return 'succeeded';
  if (error.code === 'cancelled' || error.code === 'client_gone') return 'cancelled';
  return error.code === 'queue_timeout' || (error.code === 'upstream_timeout' && isLate) ? 'expired' : 'failed';
}
