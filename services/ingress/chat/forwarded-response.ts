import type { GatewayError, HeadMeta } from '#contracts';
import type { ClientResponse } from './client-response.ts';

/**
 * The base of what sees an answer on its way to the client: passes all of it on as it is. Its getters stand on the prototype, since an object
 * is made for each request (docs/decisions/2026-11-22-objects-per-request.md).
 */
export class ForwardedResponse implements ClientResponse {
  protected readonly next: ClientResponse;

  constructor(next: ClientResponse) {
    this.next = next;
  }

  get headSent(): boolean {
    return this.next.headSent;
  }

  get over(): boolean {
    return this.next.over;
  }

  get backedUp(): boolean {
    return this.next.backedUp;
  }

  get status(): number {
    return this.next.status;
  }

  head(head: HeadMeta): void {
    this.next.head(head);
  }

  write(bytes: Uint8Array): void {
    this.next.write(bytes);
  }

  end(head: HeadMeta | undefined, bytes: Uint8Array | undefined): void {
    this.next.end(head, bytes);
  }

  fail(error: GatewayError, head: HeadMeta | undefined): void {
    this.next.fail(error, head);
  }
}
