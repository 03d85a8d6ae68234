import type { RunPart } from '#bus';
import { type ErrorCode, fromErrorRecord, GatewayError, isAnswerPart, type JobMeta, type RunEnd, type RunPiece } from '#contracts';
import { encodeRestart } from '#dialects';
import type { ClientResponse } from '../chat/client-response.ts';
import type { RunReader } from './run-follower.ts';

export interface AnswerReaderOptions {
  readonly response: ClientResponse;
  readonly dialect: JobMeta['dialect'];
  readonly onStreamFailure: JobMeta['onStreamFailure'];
  /** The client has the end, or an error in its place. */
  readonly onOver: (code: ErrorCode | undefined) => void;
}

/** Gives a run's answer to a client as if it came from a worker. A class for its getter: it is made for each request. */
export class AnswerReader implements RunReader {
  readonly #options: AnswerReaderOptions;
  /** The first piece of the answer that the client has text of. */
  #from: number | undefined;

  constructor(options: AnswerReaderOptions) {
    this.#options = options;
  }

  get backedUp(): boolean {
    return this.#options.response.backedUp;
  }

  take({ part, facts, bytes }: RunPart): boolean {
    if (!isAnswerPart(part)) return true;
    return part === 'end' ? this.#end(facts as RunEnd, bytes) : this.#piece(facts as RunPiece, bytes);
  }

  #piece(piece: RunPiece, bytes: Uint8Array): boolean {
    const { response } = this.#options;
    if (!this.#isSameAnswer(piece.from ?? 0, piece.attempt)) return false;
    if (piece.head !== undefined) response.head(piece.head);
    response.write(bytes);
    return true;
  }

  #end(end: RunEnd, bytes: Uint8Array): boolean {
    const { response, onOver } = this.#options;
    const error = end.error && fromErrorRecord(end.error);
    // an error without any text is nobody's answer that begins anew
    if (error === undefined && !this.#isSameAnswer(end.from ?? 0, end.attempt)) return false;
    if (error === undefined) response.end(end.head, bytes);
    else {
      if (bytes.length > 0 && end.head !== undefined) response.head(end.head);
      if (response.headSent) response.write(bytes);
      response.fail(error, end.head);
    }
    onOver(error?.code);
    return false;
  }

  /** False: what the client has is void, and it can't be told to forget it. */
  #isSameAnswer(from: number, attempt: number): boolean {
    const { response, dialect, onStreamFailure, onOver } = this.#options;
    const isAnew = this.#from !== undefined && this.#from !== from;
    this.#from = from;
    if (!isAnew) return true;
    if (onStreamFailure === 'restart') {
      response.write(encodeRestart(dialect, { attempt, reason: 'worker_lost' }));
      return true;
    }
    const message = 'The worker that wrote this answer died. The job goes on and answers anew: fetch its result by its id.';
    response.fail(new GatewayError('worker_lost', message), undefined);
    onOver('worker_lost');
    return false;
  }
}
