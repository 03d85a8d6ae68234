import type { LimitOptions } from '#budgets';
import type { AdminResources } from '../resources.ts';

/** How limits that are set now are understood. */
export function limitOptions({
  now,
  stored,
}: Pick<AdminResources, 'now' | 'stored'>): Pick<LimitOptions, 'now' | 'timeZone' | 'tokenLimitType'> {
  return { now: now().getTime(), timeZone: stored.config.budgets?.timeZone, tokenLimitType: stored.config.keys?.tokenLimitType };
}
