import type { HeadMeta, JobMeta, StoredResponse } from '#contracts';
import { responseId } from '#dialects';
import type { ClientResponse } from '../chat/client-response.ts';
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
export function recordResponse(response: ClientResponse, { meta, input, responses }: RecordOptions): ClientResponse {
  const reader = createFinalResponseReader(meta.stream);
  let head: HeadMeta | undefined;
  const stored = (): StoredResponse | undefined => {
    const final = head?.status === 200 ? reader.read() : undefined;
    const id = final?.['id'];
    if (final === undefined || head === undefined || typeof id !== 'string') return undefined;
    return { v: 1, id, model: meta.model, keptBy: id === responseId(meta.id) ? undefined : servedBy(head), input, response: final };
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
      return response.status || (head?.status ?? 0);
    },
    head(sent) {
      head = sent;
      response.head(sent);
    },
    write(bytes) {
      reader.add(bytes);
      response.write(bytes);
    },
    end(last, bytes) {
      head ??= last;
      if (bytes !== undefined) reader.add(bytes);
      const found = stored();
      if (found === undefined) return response.end(last, bytes);
      void responses.keep(meta.by.keyHash, found).then(() => response.end(last, bytes));
    },
    fail: (error, failed) => response.fail(error, failed),
  };
}

/** The deployment that answered, from the headers that tell the client of it. */
function servedBy({ headers }: HeadMeta): StoredResponse['keptBy'] {
  return { deploymentId: headers['x-headrace-deployment'] ?? '', modelGroup: headers['x-litellm-model-group'] ?? '' };
}
