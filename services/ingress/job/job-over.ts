import type { GatewayError } from '#contracts';
import { countHedge } from '../hedging/hedge-requests.ts';
import type { IngressResources } from '../resources.ts';
import type { PendingJob } from './pending-job.ts';

type Resources = Pick<IngressResources, 'ownJobs' | 'admission' | 'metrics' | 'bodies'>;

/** What was held and stored for a job that has ended is given back. */
export function jobOver(job: PendingJob, error: GatewayError | undefined, resources: Resources): void {
  const { meta, sentRefs } = job;
  resources.ownJobs.ended(job, error);
  resources.admission.ended(meta.id, { settled: job.settled, started: job.current.startedAt !== undefined });
  countHedge(job, resources);
  for (const ref of [meta.bodyRef, meta.uploadRef, ...sentRefs])
    if (ref !== undefined) void resources.bodies.delete(ref).catch(() => undefined);
}
