import type { GatewayError, HeadMeta, JobMeta } from '#contracts';
import type { ClientResponse } from '../chat/client-response.ts';
import { ForwardedResponse } from '../chat/forwarded-response.ts';

export interface PromptEnd {
  readonly status: number;
  /** What the client was sent, as far as it is kept. */
  readonly answer: Buffer;
  readonly answerBytes: number;
  /** Why there is no answer, or not all of it. */
  readonly error: GatewayError | undefined;
}

export interface RecordedPromptOptions {
  readonly meta: JobMeta;
  /** More is counted, and not held. */
  readonly maxBytes: number;
  readonly onEnd: (end: PromptEnd) => void;
}

/** Holds the beginning of an answer on its way to the client. The client never waits for it. */
export class RecordedPrompt extends ForwardedResponse {
  readonly #options: RecordedPromptOptions;
  readonly #pieces: Uint8Array[] = [];
  #heldBytes = 0;
  #bytes = 0;
  #isOver = false;

  constructor(next: ClientResponse, options: RecordedPromptOptions) {
    super(next);
    this.#options = options;
  }

  override write(bytes: Uint8Array): void {
    this.#hold(bytes);
    this.next.write(bytes);
  }

  override end(head: HeadMeta | undefined, bytes: Uint8Array | undefined): void {
    if (bytes !== undefined) this.#hold(bytes);
    this.next.end(head, bytes);
    this.#tell(head?.status, undefined);
  }

  override fail(error: GatewayError, head: HeadMeta | undefined): void {
    this.next.fail(error, head);
    this.#tell(error.status, error);
  }

  #hold(bytes: Uint8Array): void {
    const room = this.#options.maxBytes - this.#heldBytes;
    if (room > 0) {
      // a copy: what it is a view of is reused
      const piece = Buffer.from(bytes.subarray(0, room));
      this.#pieces.push(piece);
      this.#heldBytes += piece.length;
    }
    this.#bytes += bytes.length;
  }

  #tell(status: number | undefined, error: GatewayError | undefined): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const answer = Buffer.concat(this.#pieces);
    this.#options.onEnd({ status: this.next.status || (status ?? 0), answer, answerBytes: this.#bytes, error });
  }
}
