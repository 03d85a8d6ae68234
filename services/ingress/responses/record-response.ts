import type { HeadMeta, JobMeta, StoredResponse } from '#contracts';
import { responseId } from '#dialects';
import type { ClientResponse } from '../chat/client-response.ts';
import { ForwardedResponse } from '../chat/forwarded-response.ts';
import { createFinalResponseReader } from './final-response.ts';
import type { StoredResponses } from './stored-responses.ts';

export interface RecordOptions {
  readonly meta: JobMeta;
  /** All items before the answer. */
  readonly input: readonly Readonly<Record<string, unknown>>[];
  readonly responses: Pick<StoredResponses, 'keep'>;
}

/**
 * Stores a response before the client has its last bytes: whoever knows the id can go on from it, at any ingress. Storing takes a
 * millisecond or two and is waited for one second at most; the client gets its answer whatever becomes of it.
 */
export function recordResponse(response: ClientResponse, options: RecordOptions): ClientResponse {
  return new RecordedResponse(response, options);
}

class RecordedResponse extends ForwardedResponse {
  readonly #options: RecordOptions;
  readonly #reader: ReturnType<typeof createFinalResponseReader>;
  #head: HeadMeta | undefined;

  constructor(next: ClientResponse, options: RecordOptions) {
    super(next);
    this.#options = options;
    this.#reader = createFinalResponseReader(options.meta.stream);
  }

  override get status(): number {
    return this.next.status || (this.#head?.status ?? 0);
  }

  override head(head: HeadMeta): void {
    this.#head = head;
    this.next.head(head);
  }

  override write(bytes: Uint8Array): void {
    this.#reader.add(bytes);
    this.next.write(bytes);
  }

  override end(head: HeadMeta | undefined, bytes: Uint8Array | undefined): void {
    this.#head ??= head;
    if (bytes !== undefined) this.#reader.add(bytes);
    const found = this.#stored();
    if (found === undefined) return this.next.end(head, bytes);
    const { meta, responses } = this.#options;
    void responses.keep(meta.by.keyHash, found).then(() => this.next.end(head, bytes));
  }

  #stored(): StoredResponse | undefined {
    const head = this.#head;
    const final = head?.status === 200 ? this.#reader.read() : undefined;
    const id = final?.['id'];
    if (final === undefined || head === undefined || typeof id !== 'string') return undefined;
    const { meta, input } = this.#options;
    return { v: 1, id, model: meta.model, keptBy: id === responseId(meta.id) ? undefined : servedBy(head), input, response: final };
  }
}

/** The deployment that answered, from the headers that tell the client of it. */
function servedBy({ headers }: HeadMeta): StoredResponse['keptBy'] {
  return { deploymentId: headers['x-headrace-deployment'] ?? '', modelGroup: headers['x-litellm-model-group'] ?? '' };
}
