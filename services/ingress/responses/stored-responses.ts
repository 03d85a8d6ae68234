import type { ResponseStore } from '#bus';
import { decodeStoredResponse, GatewayError, type StoredResponse } from '#contracts';
import { responseOfItem } from '#dialects';
import { openWhenNeeded } from '#runtime';
import type { IngressLog } from '../resources.ts';

/** Stored responses as the ingress reads and writes them. `owner` is the hash of a key: nobody finds another's. */
export interface StoredResponses {
  /** Resolves when it is stored or can't be, after a second at the latest; never rejects: an answer does not depend on it. */
  keep(owner: string, stored: StoredResponse): Promise<void>;
  /** Throws `service_unavailable` when the store can't be asked. */
  find(owner: string, id: string): Promise<StoredResponse | undefined>;
  /** The response that an item of an output belongs to. Throws as `find` does. */
  findByItem(owner: string, itemId: string): Promise<StoredResponse | undefined>;
  /** Whether it was there. Throws as `find` does. */
  remove(owner: string, id: string): Promise<boolean>;
  /** Resolves when nothing is being stored. */
  settled(): Promise<void>;
}

export interface StoredResponsesOptions {
  /** Called at the first use, and again after a failure: most ingresses never see a Responses request. */
  readonly open: () => Promise<ResponseStore>;
  readonly log: IngressLog;
}

/** Larger conversations are answered but not kept. */
const LARGEST_BYTES = 5 * 1024 * 1024;
const LONGEST_MS = 1_000;
/** Ids become subjects. */
const TOKEN = /^[A-Za-z0-9_-]{1,128}$/;
/** Items of a provider's own making whose response is looked up by their id. */
const MOST_ITEMS = 200;

export function createStoredResponses({ open, log }: StoredResponsesOptions): StoredResponses {
  const store = openWhenNeeded(open);
  const underWay = new Set<Promise<void>>();

  const ask = async <T>(question: (opened: ResponseStore) => Promise<T>): Promise<T> => {
    try {
      return await question(await store());
    } catch (cause) {
      const message = 'Stored responses could not be looked up at this moment. Try again.';
      throw new GatewayError('service_unavailable', message, { cause, retryAfterMs: 1_000 });
    }
  };

  const find = async (owner: string, id: string): Promise<StoredResponse | undefined> => {
    if (!TOKEN.test(id)) return undefined;
    const document = await ask((asked) => asked.get(owner, id));
    return document === undefined ? undefined : decodeStoredResponse(Buffer.from(document).toString());
  };

  const write = async (owner: string, stored: StoredResponse): Promise<void> => {
    if (!TOKEN.test(stored.id)) return log.warn({ responseId: stored.id }, 'a response is not kept: its id is no token');
    const document = Buffer.from(JSON.stringify(stored));
    if (document.length > LARGEST_BYTES)
      return log.warn({ responseId: stored.id, bytes: document.length }, 'a response is too large to be kept');
    const opened = await store();
    const pointers = foreignItems(stored).map((item) => opened.put(owner, item, Buffer.from(stored.id)));
    await Promise.all([opened.put(owner, stored.id, document), ...pointers]);
  };

  return {
    find,
    async keep(owner, stored) {
      const writing = write(owner, stored).catch((error: unknown) => {
        log.warn({ err: error, responseId: stored.id }, 'a response could not be kept: it can’t be continued by its id');
      });
      underWay.add(writing);
      void writing.finally(() => underWay.delete(writing));
      await Promise.race([writing, new Promise((resolve) => setTimeout(resolve, LONGEST_MS).unref())]);
    },
    async findByItem(owner, itemId) {
      const own = responseOfItem(itemId);
      if (own !== undefined) return find(owner, own);
      if (!TOKEN.test(itemId)) return undefined;
      const pointer = await ask((asked) => asked.get(owner, itemId));
      return pointer === undefined ? undefined : find(owner, Buffer.from(pointer).toString());
    },
    async remove(owner, id) {
      return TOKEN.test(id) && (await ask((asked) => asked.delete(owner, id)));
    },
    async settled() {
      await Promise.all(underWay);
    },
  };
}

/** Ids of output items that do not say themselves which response they are of. */
function foreignItems({ response }: StoredResponse): string[] {
  const output = response['output'];
  if (!Array.isArray(output)) return [];
  const ids = output.map((item: { readonly id?: unknown } | null) => item?.id);
  return ids
    .filter((id): id is string => typeof id === 'string' && TOKEN.test(id) && responseOfItem(id) === undefined)
    .slice(0, MOST_ITEMS);
}
