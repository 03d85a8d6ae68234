import type { GatewayError, HeadMeta } from '#contracts';
import { AnswerBeginning, type PromptEnd } from '#prompts';
import type { ClientResponse } from '../chat/client-response.ts';
import { ForwardedResponse } from '../chat/forwarded-response.ts';

export interface RecordedPromptOptions {
  /** More is counted, and not held. */
  readonly maxBytes: number;
  readonly onEnd: (end: PromptEnd) => void;
}

/** Holds the beginning of an answer on its way to the client. The client never waits for it. */
export class RecordedPrompt extends ForwardedResponse {
  readonly #onEnd: RecordedPromptOptions['onEnd'];
  readonly #answer: AnswerBeginning;
  #isOver = false;

  constructor(next: ClientResponse, { maxBytes, onEnd }: RecordedPromptOptions) {
    super(next);
    this.#answer = new AnswerBeginning(maxBytes);
    this.#onEnd = onEnd;
  }

  override write(bytes: Uint8Array): void {
    this.#answer.add(bytes);
    this.next.write(bytes);
  }

  override end(head: HeadMeta | undefined, bytes: Uint8Array | undefined): void {
    if (bytes !== undefined) this.#answer.add(bytes);
    this.next.end(head, bytes);
    this.#tell(head?.status, undefined);
  }

  override fail(error: GatewayError, head: HeadMeta | undefined): void {
    this.next.fail(error, head);
    this.#tell(error.status, error);
  }

  #tell(status: number | undefined, error: GatewayError | undefined): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const answer = this.#answer.held();
    this.#onEnd({ status: this.next.status || (status ?? 0), answer, answerBytes: this.#answer.sizeBytes, error });
  }
}
