import type { ClientDialect, GatewayError, HeadMeta } from '#contracts';
import { createJsonArrayWriter, encodeStreamError } from '#dialects';
import type { ClientResponse } from './client-response.ts';
import { ForwardedResponse } from './forwarded-response.ts';

/**
 * A client's stream as one JSON array instead of events. Everything but an event stream passes as it is; a failure is the
 * array's last element.
 */
export function asJsonArray(response: ClientResponse, dialect: ClientDialect): ClientResponse {
  return new ArrayResponse(response, dialect);
}

class ArrayResponse extends ForwardedResponse {
  readonly #dialect: ClientDialect;
  readonly #array = createJsonArrayWriter();
  #isArray = false;

  constructor(next: ClientResponse, dialect: ClientDialect) {
    super(next);
    this.#dialect = dialect;
  }

  override head(head: HeadMeta): void {
    this.next.head(this.#headOf(head));
  }

  override write(bytes: Uint8Array): void {
    this.next.write(this.#isArray ? this.#array.push(bytes) : bytes);
  }

  override end(head: HeadMeta | undefined, bytes: Uint8Array | undefined): void {
    const own = head === undefined || this.headSent ? head : this.#headOf(head);
    this.next.end(own, this.#isArray ? this.#array.end(bytes) : bytes);
  }

  override fail(error: GatewayError, head: HeadMeta | undefined): void {
    if (!this.headSent || !this.#isArray) return this.next.fail(error, head);
    this.next.end(undefined, this.#array.end(encodeStreamError(this.#dialect, error)));
  }

  #headOf(head: HeadMeta): HeadMeta {
    this.#isArray = (head.headers['content-type'] ?? '').startsWith('text/event-stream');
    return this.#isArray ? { ...head, headers: { ...head.headers, 'content-type': 'application/json; charset=utf-8' } } : head;
  }
}
