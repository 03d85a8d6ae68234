import { type Bus, openCacheStore, watchCacheNotes } from '#bus';
import { createLocalEmbedder } from '#cache';
import { DEFAULT_CACHE, type GatewayConfig } from '#config';
import type { ReleaseStack } from '#runtime';
import type { IngressMetrics } from '../metrics.ts';
import type { IngressLog, IngressResources } from '../resources.ts';
import { createAnswerCache } from './answer-cache.ts';
import { createHitLedger } from './hit-ledger.ts';
import { createSimilarAnswers } from './similar-answers.ts';

export interface CachesOptions {
  /** Events. */
  readonly bus: Bus;
  /** Entries. */
  readonly bulk: Bus;
  /** Notes. */
  readonly link: Bus;
  readonly config: GatewayConfig;
  readonly metrics: IngressMetrics;
  readonly log: IngressLog;
  readonly releases: Pick<ReleaseStack, 'add'>;
  readonly newId: () => string;
}

/** A request may ask for a longer time than the usual one, up to a week. */
const LONGEST_MS = 7 * 86_400_000;

/** What the ingress has for cached answers. Nothing is opened before its first use: where the cache is off, nothing ever is. */
export function openCaches(options: CachesOptions): Pick<IngressResources, 'answerCache' | 'similarAnswers' | 'cacheHits'> {
  const { bus, bulk, link, config, metrics, log, releases, newId } = options;
  const settings = () => config.cache ?? DEFAULT_CACHE;
  const answerCache = createAnswerCache({
    open: () => openCacheStore(bulk, { ttlMs: Math.max(LONGEST_MS, settings().ttlMs), maxBytes: settings().maxBytes }),
    memoryBytes: () => settings().memoryBytes,
    metrics,
    log,
    now: Date.now,
  });
  releases.add(
    'cache notes',
    watchCacheNotes(link, ({ hashes }) => answerCache.forget(hashes)),
  );
  const embedder = createLocalEmbedder({ log });
  releases.add('embedder', () => embedder.close());
  const similarAnswers = createSimilarAnswers({
    embedder,
    answers: answerCache,
    settings: () => config.cache?.semantic,
    onRelease: (release) => releases.add('kept texts', release),
    log,
    now: Date.now,
  });
  return { answerCache, similarAnswers, cacheHits: createHitLedger({ bus, log, newId }) };
}
