import type { ModelIndex } from '#config';
import type { Candidate, JobMeta, JobRoute } from '#contracts';

/**
 * Where a job waits for a candidate. A deployment that is not configured here (any more) has no queue of its own: whoever gets the job
 * from the provider's common one says so.
 */
export function routeOf(meta: Pick<JobMeta, 'lane' | 'bulk'>, candidate: Candidate, models: Pick<ModelIndex, 'deployment'>): JobRoute {
  const queue = models.deployment(candidate.modelGroup, candidate.deploymentId)?.queue;
  return { lane: meta.lane, tier: candidate.tier, provider: candidate.provider, queue, bulk: meta.bulk };
}
