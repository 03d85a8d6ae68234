import { type Refusal, refusalError } from '#contracts';
import type { IngressResources } from '../resources.ts';
import { budgetRules } from './budget-rules.ts';

/** Ends a job that has used up what it may: its client is told which limit it was, its call is aborted and billed for what it produced. */
export function stopJob(id: string, refusal: Refusal, resources: Pick<IngressResources, 'pending' | 'config' | 'now'>): void {
  const job = resources.pending.get(id);
  if (job === undefined) return;
  const { budgetExceededStatus: budgetStatus } = budgetRules(resources.config);
  resources.pending.cancel(job, refusalError(refusal, { now: resources.now(), budgetStatus }));
}
