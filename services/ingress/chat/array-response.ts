import type { ClientDialect, HeadMeta } from '#contracts';
import { createJsonArrayWriter, encodeStreamError } from '#dialects';
import type { ClientResponse } from './client-response.ts';

/**
 * A client's stream as one JSON array instead of events. Everything but an event stream passes as it is; a failure is the
 * array's last element.
 */
export function asJsonArray(response: ClientResponse, dialect: ClientDialect): ClientResponse {
  const array = createJsonArrayWriter();
  let isArray = false;
  const headOf = (head: HeadMeta): HeadMeta => {
    isArray = (head.headers['content-type'] ?? '').startsWith('text/event-stream');
    return isArray ? { ...head, headers: { ...head.headers, 'content-type': 'application/json; charset=utf-8' } } : head;
  };
  return {
    get headSent() {
      return response.headSent;
    },
    get over() {
      return response.over;
    },
    get backedUp() {
      return response.backedUp;
    },
    get status() {
      return response.status;
    },
    head: (head) => response.head(headOf(head)),
    write: (bytes) => response.write(isArray ? array.push(bytes) : bytes),
    end: (head, bytes) => {
      const own = head === undefined || response.headSent ? head : headOf(head);
      response.end(own, isArray ? array.end(bytes) : bytes);
    },
    fail: (error, head) => {
      if (!response.headSent || !isArray) return response.fail(error, head);
      response.end(undefined, array.end(encodeStreamError(dialect, error)));
    },
  };
}
