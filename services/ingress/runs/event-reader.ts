import type { ServerResponse } from 'node:http';
import type { RunPart } from '#bus';
import { fromErrorRecord, GatewayError, type HeadMeta, isAnswerPart, type JobMeta, type RunEnd, type RunPiece } from '#contracts';
import { encodeRestart, encodeStreamError } from '#dialects';
import { createEventSplitter, isEvent } from './event-splitter.ts';
import type { RunReader } from './run-follower.ts';

/** The place of an event: the answer it belongs to (by its first piece) and its number in there, from 1. */
export interface EventPlace {
  readonly from: number;
  readonly event: number;
}

/** `<from>-<event>`, as `Last-Event-ID` has it. Throws `invalid_request`. */
export function parseEventPlace(text: string | undefined): EventPlace | undefined {
  if (text === undefined || text === '') return undefined;
  const [, from, event] = /^(\d{1,9})-(\d{1,9})$/.exec(text) ?? [];
  if (from !== undefined && event !== undefined) return { from: Number(from), event: Number(event) };
  throw new GatewayError('invalid_request', 'Last-Event-ID must be the id of an event of this stream, such as 0-12.', {
    param: 'last-event-id',
  });
}

export interface EventReaderOptions {
  readonly raw: ServerResponse;
  readonly dialect: JobMeta['dialect'];
  /** What the client has already. */
  readonly after: EventPlace | undefined;
  /** Of the answer that counts, as far as is known: pieces of those before it are void. */
  readonly current: number;
  /** In place of an answer that is no event stream: what became of the job, as JSON. */
  readonly showEnd: (end: RunEnd) => string;
  readonly onDrain: () => void;
  readonly onOver: () => void;
}

/**
 * A run's answer as events with ids, from any of them on. An answer that begins anew is told of by `event: headrace.restart`, and has other
 * ids: who asks for what is behind an event of the old one is told so too.
 */
export class EventReader implements RunReader {
  backedUp = false;
  readonly #options: EventReaderOptions;
  #splitter = createEventSplitter();
  #from: number | undefined;
  #event = 0;
  #isStream = true;

  constructor(options: EventReaderOptions) {
    this.#options = options;
    // what the client has counts as told: an answer that began anew since then is news to it
    this.#from = options.after?.from;
  }

  take({ part, facts, bytes }: RunPart): boolean {
    if (!isAnswerPart(part)) return true;
    if (part === 'end') return this.#end(facts as RunEnd, bytes);
    if (this.#begin(facts as RunPiece) && this.#isStream) this.#tell(bytes);
    return true;
  }

  /** False for what is void. */
  #begin({ from = 0, attempt, head }: Pick<RunPiece, 'from' | 'attempt' | 'head'>): boolean {
    if (from < this.#options.current) return false;
    if (head !== undefined) this.#isStream = isEventStream(head);
    if (this.#from === from) return true;
    if (this.#from !== undefined) this.#write(encodeRestart(this.#options.dialect, { attempt, reason: 'worker_lost' }));
    this.#from = from;
    this.#event = 0;
    this.#splitter = createEventSplitter();
    return true;
  }

  #tell(bytes: Uint8Array): void {
    for (const block of this.#splitter.push(bytes)) this.#tellOne(block);
  }

  #tellOne(block: Buffer): void {
    const { after } = this.#options;
    if (isEvent(block)) this.#event += 1;
    if (after !== undefined && after.from === this.#from && this.#event <= after.event) return;
    this.#write(isEvent(block) ? Buffer.concat([Buffer.from(`id: ${this.#from ?? 0}-${this.#event}\n`), block]) : block);
  }

  #end(end: RunEnd, bytes: Uint8Array): boolean {
    const { dialect, raw, onOver, showEnd } = this.#options;
    if (end.head !== undefined) this.#isStream = isEventStream(end.head);
    const error = end.error && fromErrorRecord(end.error);
    if (error === undefined) this.#begin({ from: end.from, attempt: end.attempt });
    this.#from ??= 0;
    if (error === undefined && !this.#isStream) this.#tell(Buffer.from(`event: job\ndata: ${showEnd(end)}\n\n`));
    else this.#tell(bytes);
    const rest = this.#splitter.rest();
    if (rest.length > 0 && this.#isStream) this.#tellOne(Buffer.concat([rest, Buffer.from('\n\n')]));
    if (error !== undefined) this.#tellOne(Buffer.from(encodeStreamError(dialect, error)));
    raw.end();
    onOver();
    return false;
  }

  #write(bytes: Uint8Array): void {
    const { raw, onDrain } = this.#options;
    if (raw.destroyed || raw.writableEnded || raw.write(bytes) || this.backedUp) return;
    this.backedUp = true;
    raw.once('drain', () => {
      this.backedUp = false;
      onDrain();
    });
  }
}

function isEventStream({ headers }: HeadMeta): boolean {
  return (headers['content-type'] ?? '').startsWith('text/event-stream');
}
