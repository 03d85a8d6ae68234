import { attemptId, type JobMeta } from '#contracts';
import type { Deployment } from '#config';
import type { WorkerResources } from '../resources.ts';
import type { HeldJob } from './held-jobs.ts';
import type { Source } from './source.ts';

export type JobWithPermit = HeldJob & { readonly meta: JobMeta; readonly deployment: Deployment };

export function needsPermit(job: HeldJob): job is JobWithPermit {
  return job.meta !== undefined && job.deployment !== undefined;
}

const NATS_AWAY_PAUSE_MS = 500;

/** Asks for the job's permit; the name it was granted under, or undefined after noting when it is worth asking again. Never rejects. */
export async function askPermit(
  { route }: Source,
  job: JobWithPermit,
  resources: Pick<WorkerResources, 'permits' | 'config' | 'log' | 'now'>,
): Promise<string | undefined> {
  const { pulled, meta, deployment } = job;
  const key = attemptId(meta.id, meta.attempt, pulled.delivery);
  const { lane, bulk } = route;
  const weight = resources.config.queueing.laneWeights[lane];
  const request = { key, lane, weight, queue: String(bulk ?? ''), seq: pulled.streamSeq, body: pulled.data };
  job.asking = true;
  try {
    const answer = await resources.permits.take(deployment, request);
    if (answer.granted) return key;
    job.retryAt = answer.retryAt;
  } catch (error) {
    resources.log.warn({ err: error, deployment: deployment.id }, 'the limits could not be asked');
    job.retryAt = resources.now() + NATS_AWAY_PAUSE_MS;
  } finally {
    job.asking = false;
  }
  return undefined;
}
