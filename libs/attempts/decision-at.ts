import type { Candidate, JobMeta, RouteDecision } from '#contracts';

/** The decision of an auto group as it is for one attempt: behind an escalation, and in the other tier's place, the tier is another. */
export function decisionAt(
  { decision, plan }: Pick<JobMeta, 'decision' | 'plan'>,
  candidate: Candidate | undefined,
): RouteDecision | undefined {
  if (decision === undefined || candidate === undefined) return decision;
  if (candidate.for === 'escalation') return { ...decision, tier: 'strong' };
  return decision.tier === 'weak' && isStrong(candidate, plan) ? { ...decision, tier: 'strong' } : decision;
}

/** The strong group is in the plan twice: for answers that fail a check, and for everything else. */
function isStrong({ modelGroup }: Candidate, plan: JobMeta['plan']): boolean {
  return plan.some((one) => one.for === 'escalation' && one.modelGroup === modelGroup);
}
