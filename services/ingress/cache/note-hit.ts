import type { CacheEntry } from '#cache';
import type { Lane } from '#contracts';
import { uncalledRow } from '../job/uncalled-row.ts';
import type { IngressResources } from '../resources.ts';
import type { CachedCall } from './serve-cached.ts';

export interface Hit {
  /** The id that the client was told; of one that waited along with others an id of its own. */
  readonly job: string;
  /** Undefined where somebody waited for an answer that was not kept after all. */
  readonly entry: CacheEntry | undefined;
  readonly similarity?: number | undefined;
  /** `live` where nothing else is said. */
  readonly lane?: Lane | undefined;
}

/** Whose request was answered. */
export type NotedCall = Pick<CachedCall, 'call' | 'caller' | 'model' | 'question'>;

/** The ledger's row of a request that was answered from the cache: it says what that saved. */
export function noteHit({ call, caller, model, question }: NotedCall, hit: Hit, { cacheHits, models, now }: IngressResources): void {
  const facts = hit.entry?.facts;
  const group = facts?.modelGroup ?? model;
  const deployment = facts && models.deployment(group, facts.deploymentId);
  const row = uncalledRow({ call, caller, job: hit.job, lane: hit.lane ?? 'live', at: now() });
  cacheHits.add({
    ...row,
    tier: deployment?.tier ?? row.tier,
    modelGroup: group,
    deploymentId: facts?.deploymentId ?? '',
    provider: facts?.provider ?? '',
    model: deployment?.upstreamModel ?? '',
    cached: { key: question.hash, savedUsd: facts?.costUsd, similarity: hit.similarity },
  });
}
