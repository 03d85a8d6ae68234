import type { PulledJob } from '#bus';
import { decodeJobMeta, InvalidMessage } from '#contracts';
import type { WorkerResources } from '../resources.ts';
import type { HeldJob } from './held-jobs.ts';

/** What there is to know of a job before it is run. What can't be read is left to the one who runs it: he buries it. */
export function lookIntoJob(
  pulled: PulledJob,
  { models, permits }: Pick<WorkerResources, 'models' | 'permits'>,
): Pick<HeldJob, 'meta' | 'deployment'> {
  try {
    const meta = decodeJobMeta(pulled.header);
    const candidate = meta.plan[meta.cursor];
    const deployment = candidate && models.deployment(candidate.modelGroup, candidate.deploymentId);
    return { meta, deployment: permits.isFree(deployment) ? undefined : deployment };
  } catch (error) {
    if (error instanceof InvalidMessage) return { meta: undefined, deployment: undefined };
    throw error;
  }
}
