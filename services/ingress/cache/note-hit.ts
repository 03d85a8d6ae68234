import { ROUTE_OF_DIALECT } from '#attempts';
import type { CacheEntry } from '#cache';
import { type AttemptEvent, NO_COST, NO_USAGE } from '#contracts';
import type { IngressResources } from '../resources.ts';
import type { CachedCall } from './serve-cached.ts';

export interface Hit {
  /** The id that the client was told; of one that waited along with others an id of its own. */
  readonly job: string;
  /** Undefined where somebody waited for an answer that was not kept after all. */
  readonly entry: CacheEntry | undefined;
  readonly similarity?: number | undefined;
}

/** The ledger's row of a request that nobody was called for: it costs nothing, and says what it saved. */
export function noteHit(cached: CachedCall, hit: Hit, { cacheHits, models, now }: IngressResources): void {
  const { call, caller, model, question } = cached;
  const facts = hit.entry?.facts;
  const group = facts?.modelGroup ?? model;
  const deployment = facts && models.deployment(group, facts.deploymentId);
  const at = now();
  const row: AttemptEvent = {
    v: 1,
    job: hit.job,
    attempt: 1,
    delivery: 1,
    verdict: 'done',
    status: 'success',
    by: caller.by,
    lane: 'live',
    tier: deployment?.tier ?? 'standard',
    stream: call.stream,
    route: ROUTE_OF_DIALECT[call.dialect],
    requestedModel: call.model,
    modelGroup: group,
    deploymentId: facts?.deploymentId ?? '',
    provider: facts?.provider ?? '',
    model: deployment?.upstreamModel ?? '',
    usage: NO_USAGE,
    cost: NO_COST,
    priceSource: 'config',
    acceptedAt: at,
    startedAt: at,
    endedAt: at,
    cached: { key: question.hash, savedUsd: facts?.costUsd, similarity: hit.similarity },
  };
  cacheHits.add(row);
}
