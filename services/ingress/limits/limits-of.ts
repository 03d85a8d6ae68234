import { hasLimits, type Limits } from '#contracts';
import { type Caller, type CallerScopes, NO_SCOPES } from '../auth/caller.ts';

type LimitedCaller = Pick<Caller, 'principal' | 'scopes'>;

/** Whether anything of its own can refuse a request of this caller. A few look-ups: it is asked of every request. */
export function isLimited({ principal, scopes }: LimitedCaller): boolean {
  if (principal.kind === 'key' && hasLimits(principal.record.limits)) return true;
  return scopes !== NO_SCOPES && scopeLimits(scopes).some(hasLimits);
}

/** Whether what a call costs is among it. */
export function isBudgeted({ principal, scopes }: LimitedCaller): boolean {
  return (principal.kind === 'key' && hasBudgets(principal.record.limits)) || scopeLimits(scopes).some(hasBudgets);
}

function scopeLimits({ organization, team, member, user, customer, tags = [] }: CallerScopes): readonly (Limits | undefined)[] {
  return [organization, team, member, user, customer, ...tags].map((record) => record?.limits);
}

function hasBudgets(limits: Limits | undefined): boolean {
  if (limits === undefined) return false;
  return [limits, ...Object.values(limits.models ?? {})].some(({ budgets = [] }) => budgets.length > 0);
}
