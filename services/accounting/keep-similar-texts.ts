import { setTimeout as delay } from 'node:timers/promises';
import { type Bus, openBatchConsumer, openCacheStore, subscribeCore, watchCacheNotes } from '#bus';
import { cacheStoreLimits, decodeKnownText, decodeLookup, encodeNearby, type KnownText } from '#cache';
import type { CacheSettings } from '#config';
import { CACHE_STREAM, SIMILAR_CONSUMER, SIMILAR_LOOKUP_SUBJECT, SIMILAR_SUBJECTS } from '#contracts';
import { type Database, driverError, openSimilarTexts, type SimilarTexts } from '#db';
import { keepDocuments } from './keep-documents.ts';

export interface SimilarTextsKeeper {
  readonly bus: Bus;
  readonly db: Database;
  readonly cache: CacheSettings;
  readonly log: Record<'info' | 'warn', (fields: object, message: string) => void>;
  readonly releases: { add(name: string, release: () => unknown): void };
}

const BATCH = { maxMessages: 50, lingerMs: 100, maxAckPending: 500, ackWaitMs: 15_000 };
const RETRY_MS = 5_000;
const DROP_EVERY_MS = 60_000;
/** Of all scopes together: with 1,536 numbers some 8 GB. */
const MOST_ROWS = 1_000_000;
/** The nearest that an ingress checks word by word. */
const CANDIDATES = 8;

/**
 * Keeps what cached answers were asked in Postgres too, where it has pgvector, and answers the ingresses that ask for what their memory has no room for. Resolves
 * at once: a database that is away is waited for behind.
 */
export function startSimilarTexts(keeper: SimilarTextsKeeper): void {
  const { log, releases } = keeper;
  const stopping = new AbortController();
  const run = async (): Promise<void> => {
    const texts = await openInTime(keeper, stopping.signal);
    if (texts === undefined) return;
    await follow(texts, keeper);
    await dropAgainAndAgain(texts, keeper, stopping.signal);
  };
  const running = run().catch((error: unknown) =>
    log.warn({ err: error }, 'kept texts do not go to Postgres: similar requests are found in memory alone'),
  );
  releases.add('similar texts', async () => {
    stopping.abort();
    await running;
  });
}

/** Undefined where there is no pgvector, which is told. */
async function openInTime({ db, cache, log }: SimilarTextsKeeper, signal: AbortSignal): Promise<SimilarTexts | undefined> {
  while (!signal.aborted) {
    try {
      const opened = await openSimilarTexts(db);
      if ('texts' in opened) return opened.texts;
      const tell = cache.semantic?.index === 'pgvector' ? log.warn.bind(log) : log.info.bind(log);
      tell({ reason: opened.missing }, 'similar requests are found in memory alone');
      return undefined;
    } catch {
      await rest(RETRY_MS, signal);
    }
  }
  return undefined;
}

async function follow(texts: SimilarTexts, { bus, cache, log, releases }: SimilarTextsKeeper): Promise<void> {
  await openCacheStore(bus, cacheStoreLimits(cache));
  const consumer = await openBatchConsumer(bus, {
    stream: CACHE_STREAM,
    consumer: SIMILAR_CONSUMER,
    filterSubject: SIMILAR_SUBJECTS,
    ...BATCH,
  });
  const what = 'texts of cached answers';
  const keeping = keepDocuments({
    consumer,
    what,
    decode: decodeText,
    store: (list) => texts.store(list),
    nameOf: ({ hash }) => hash,
    log,
  });
  releases.add('text consumer', async () => {
    await keeping.stop();
    await consumer.close();
  });
  const forget = (hashes: readonly string[] | undefined): void =>
    void texts
      .forget(hashes)
      .catch((error: unknown) => log.warn({ err: driverError(error) }, 'texts of deleted answers stay until they expire'));
  releases.add('cache notes', watchCacheNotes(bus, { onNote: ({ hashes }) => forget(hashes), onLost: () => undefined }));
  releases.add('look-ups', answerLookups(texts, { bus, log }));
}

function decodeText(data: Uint8Array, subject: string): readonly KnownText[] {
  const [, scope = '', hash = ''] = subject.split('.');
  return [decodeKnownText(data, { scope, hash })];
}

function answerLookups(texts: SimilarTexts, { bus, log }: Pick<SimilarTextsKeeper, 'bus' | 'log'>): () => void {
  return subscribeCore(
    bus,
    SIMILAR_LOOKUP_SUBJECT,
    (message) => {
      const asked = decodeLookup(message.data);
      texts.nearest(asked, { threshold: asked.threshold, limit: CANDIDATES, now: new Date() }).then(
        (near) => message.respond(encodeNearby(near)),
        (error: unknown) => {
          log.warn({ err: driverError(error) }, 'a similar request could not be looked for');
          message.respond(encodeNearby([]));
        },
      );
    },
    { queue: 'accounting' },
  );
}

async function dropAgainAndAgain(texts: SimilarTexts, { log }: SimilarTextsKeeper, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await texts
      .drop({ now: new Date(), mostRows: MOST_ROWS })
      .catch((error: unknown) => log.warn({ err: driverError(error) }, 'old texts stay for now'));
    await rest(DROP_EVERY_MS, signal);
  }
}

async function rest(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal, ref: false }).catch(() => undefined);
}
