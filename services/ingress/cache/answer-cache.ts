import { LRUCache } from 'lru-cache';
import type { CacheStore } from '#bus';
import { type CacheEntry, decodeCacheEntry, encodeCacheEntry } from '#cache';
import { openWhenNeeded } from '#runtime';
import type { IngressMetrics } from '../metrics.ts';
import type { IngressLog } from '../resources.ts';

/** The answers that may be given again: those in memory at once, the others from the store that all replicas share. */
export interface AnswerCache {
  /** From memory, without a promise. */
  peek(scope: string, hash: string): CacheEntry | undefined;
  /**
   * From the store, within 50 ms or not at all; never rejects. What is found is in memory afterwards. For a second after a wait in vain it
   * is not asked, but for who knows that it answers (`evenWhileAway`).
   */
  fetch(scope: string, hash: string, options?: { readonly evenWhileAway?: boolean }): Promise<CacheEntry | undefined>;
  /** In memory at once. Resolves when the store has it too or can't take it; never rejects. */
  keep(scope: string, entry: CacheEntry): Promise<void>;
  /** Of the memory alone; `undefined`: everything. */
  forget(hashes: readonly string[] | undefined): void;
  readonly store: () => Promise<CacheStore>;
  readonly memory: { readonly entries: number; readonly bytes: number };
  /** Resolves when nothing is being stored. */
  settled(): Promise<void>;
}

export interface AnswerCacheOptions {
  /** Called at the first use, and again after a failure. */
  readonly open: () => Promise<CacheStore>;
  readonly memoryBytes: () => number;
  readonly metrics: Pick<IngressMetrics, 'cacheStoreFailures'>;
  readonly log: IngressLog;
  readonly now: () => number;
}

/** An answer does not wait longer for the cache. */
const CACHE_WAIT_MS = 50;
/** After a wait in vain: so long every request is a miss at once. After an entry that was not taken: so long none is sent. */
const AWAY_MS = 1_000;
const WARN_EVERY_MS = 10_000;
/** What an entry takes in memory beside its bytes. */
const ENTRY_BYTES = 1_024;

export function createAnswerCache({ open, memoryBytes, metrics, log, now }: AnswerCacheOptions): AnswerCache {
  let store = openWhenNeeded(open);
  const fetching = new Map<string, Promise<CacheEntry | undefined>>();
  const underWay = new Set<Promise<void>>();
  let entries: LRUCache<string, CacheEntry> | undefined;
  let isOpen = false;
  let awayUntil = 0;
  let fullUntil = 0;
  let warnedAt = 0;

  const memory = () => (entries ??= new LRUCache({ maxSize: memoryBytes(), sizeCalculation: ({ body }) => body.length + ENTRY_BYTES }));
  const nameOf = (scope: string, hash: string): string => `${scope}.${hash}`;
  const remember = (scope: string, entry: CacheEntry): void => {
    const ttl = entry.facts.expiresAt - now();
    if (ttl > 0) memory().set(nameOf(scope, entry.facts.hash), entry);
  };
  const failed = (what: 'get' | 'put' | 'poisoned', error: unknown): void => {
    metrics.cacheStoreFailures.inc({ what });
    if (now() - warnedAt < WARN_EVERY_MS) return;
    warnedAt = now();
    log.warn({ err: error, what }, 'the store of cached answers failed: requests are answered without it');
  };

  const openStore = async (): Promise<CacheStore> => {
    const opened = await store();
    // the first who look may have waited in vain for nothing but this
    if (!isOpen) awayUntil = 0;
    isOpen = true;
    return opened;
  };
  const look = async (scope: string, hash: string): Promise<CacheEntry | undefined> => {
    const opened = await openStore();
    const data = await opened.get(scope, hash);
    if (data === undefined) return undefined;
    try {
      const entry = decodeCacheEntry(data, hash);
      if (entry.facts.expiresAt <= now()) return undefined;
      // a copy: what it is a view of may be a whole buffer of the socket
      return { facts: entry.facts, body: Buffer.from(entry.body) };
    } catch (error) {
      failed('poisoned', error);
      await opened.delete(scope, hash).catch((failure: unknown) => failed('put', failure));
      return undefined;
    }
  };

  const lookInTime = async (scope: string, hash: string): Promise<CacheEntry | undefined> => {
    try {
      const found = await inTime(look(scope, hash));
      if (found !== undefined) remember(scope, found);
      return found;
    } catch (error) {
      awayUntil = now() + AWAY_MS;
      // it may be gone altogether: the next one makes it anew
      if (isOpen) store = openWhenNeeded(open);
      isOpen = false;
      failed('get', error);
      return undefined;
    }
  };

  return {
    peek(scope, hash) {
      const entry = memory().get(nameOf(scope, hash));
      if (entry === undefined || entry.facts.expiresAt > now()) return entry;
      memory().delete(nameOf(scope, hash));
      return undefined;
    },
    fetch(scope, hash, { evenWhileAway = false } = {}) {
      const name = nameOf(scope, hash);
      const running = fetching.get(name);
      if (running !== undefined) return running;
      if (!evenWhileAway && awayUntil > now()) return NOTHING;
      const started = lookInTime(scope, hash).finally(() => fetching.delete(name));
      fetching.set(name, started);
      return started;
    },
    keep(scope, entry) {
      remember(scope, entry);
      if (fullUntil > now()) return DONE;
      const kept: Promise<void> = openStore()
        .then((opened) => opened.put(scope, entry.facts.hash, encodeCacheEntry(entry)))
        .catch((error: unknown) => {
          fullUntil = now() + AWAY_MS;
          failed('put', error);
        })
        .finally(() => underWay.delete(kept));
      underWay.add(kept);
      return kept;
    },
    forget(hashes) {
      if (hashes === undefined) return memory().clear();
      const gone = new Set(hashes);
      for (const name of [...memory().keys()]) if (gone.has(name.slice(name.indexOf('.') + 1))) memory().delete(name);
    },
    store: openStore,
    get memory() {
      return { entries: memory().size, bytes: memory().calculatedSize };
    },
    async settled() {
      await Promise.all(underWay);
    },
  };
}

const NOTHING = Promise.resolve(undefined);
const DONE = Promise.resolve();

async function inTime<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    const late = (): void => reject(new Error(`no answer within ${CACHE_WAIT_MS} ms`));
    // what has arrived while this process was busy is read first
    timer = setTimeout(() => setImmediate(() => setImmediate(late)), CACHE_WAIT_MS);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
    work.catch(() => undefined);
  }
}
