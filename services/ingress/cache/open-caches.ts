import { type Bus, openCacheStore, watchCacheNotes } from '#bus';
import { cacheStoreLimits, createLocalEmbedder } from '#cache';
import { DEFAULT_CACHE, type GatewayConfig } from '#config';
import type { ReleaseStack } from '#runtime';
import type { IngressMetrics } from '../metrics.ts';
import type { IngressLog, IngressResources } from '../resources.ts';
import { createAnswerCache } from './answer-cache.ts';
import { createHitLedger } from './hit-ledger.ts';
import { createRunAnswers } from './run-answers.ts';
import { createSimilarElsewhere } from './similar-elsewhere.ts';
import { createSimilarAnswers } from './similar-answers.ts';

export interface CachesOptions {
  /** Events. */
  readonly bus: Bus;
  /** Entries. */
  readonly bulk: Bus;
  /** Notes. */
  readonly link: Bus;
  readonly runs: IngressResources['runs'];
  readonly config: GatewayConfig;
  readonly metrics: IngressMetrics;
  readonly log: IngressLog;
  readonly releases: Pick<ReleaseStack, 'add'>;
  readonly newId: () => string;
}

/** What the ingress has for cached answers. Where the cache is off at its start, nothing is opened before its first use. */
export function openCaches(
  options: CachesOptions,
): Pick<IngressResources, 'answerCache' | 'runAnswers' | 'similarAnswers' | 'embedder' | 'cacheHits'> {
  const { bus, bulk, link, runs, config, metrics, log, releases, newId } = options;
  const settings = () => config.cache ?? DEFAULT_CACHE;
  const answerCache = createAnswerCache({
    open: () => openCacheStore(bulk, cacheStoreLimits(settings())),
    memoryBytes: () => settings().memoryBytes,
    metrics,
    log,
    now: Date.now,
  });
  if (config.cache !== undefined)
    void answerCache.store().catch((error: unknown) => log.warn({ err: error }, 'the cache could not be opened yet'));
  releases.add(
    'cache notes',
    watchCacheNotes(link, {
      onNote: ({ hashes }) => answerCache.forget(hashes),
      onLost: () => answerCache.forget(undefined),
    }),
  );
  const embedder = createLocalEmbedder({ log });
  releases.add('embedder', () => embedder.close());
  const similarAnswers = createSimilarAnswers({
    answers: answerCache,
    elsewhere: createSimilarElsewhere({ bus: link, now: Date.now }),
    settings: () => config.cache?.semantic,
    onRelease: (release) => releases.add('kept texts', release),
    log,
    now: Date.now,
  });
  const runAnswers = createRunAnswers({
    runs,
    answers: answerCache,
    onRelease: (release) => releases.add('ends of jobs', release),
    log,
    now: Date.now,
  });
  return { answerCache, runAnswers, similarAnswers, embedder, cacheHits: createHitLedger({ bus, log, newId }) };
}
