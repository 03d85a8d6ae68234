import type { PendingJob } from '../job/pending-job.ts';
import type { IngressResources } from '../resources.ts';
import { autoGroup } from './route-call.ts';

type EndedJob = Pick<PendingJob, 'meta'> & { readonly current: Pick<PendingJob['current'], 'cursor'> };

/** A session whose weak answer was not good enough, and that the strong model answered: its next request goes as the group's `after_escalation` says. */
export function noteEscalation({ meta, current }: EndedJob, { config, autoRouter }: Pick<IngressResources, 'config' | 'autoRouter'>): void {
  const { decision, plan, by } = meta;
  if (decision?.tier !== 'weak' || by.sessionId === undefined || plan[current.cursor]?.for !== 'escalation') return;
  const group = autoGroup(config, decision.group);
  if (group !== undefined) autoRouter.escalated({ name: decision.group, group, caller: by.keyHash, sessionId: by.sessionId });
}
