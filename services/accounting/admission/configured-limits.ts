import type { GatewayConfig } from '#config';
import { EVERY_CUSTOMER, type Limits, type Scope, scopeName } from '#contracts';

/** The limits that the configuration sets itself, by `scopeName`: of the gateway, of providers and deployments, of end users without their own. */
export function configuredLimits({ budgets, deployments }: Pick<GatewayConfig, 'budgets' | 'deployments'>): ReadonlyMap<string, Limits> {
  const limits = new Map<string, Limits>();
  const zone = budgets?.timeZone === undefined ? {} : { timeZone: budgets.timeZone };
  const set = (scope: Scope, window: NonNullable<Limits['budgets']>[number] | undefined): void => {
    if (window !== undefined) limits.set(scopeName(scope), { budgets: [{ ...window, ...zone }] });
  };
  set({ kind: 'gateway', id: '' }, budgets?.gateway);
  set(EVERY_CUSTOMER, budgets?.endUserBudget);
  for (const [id, window] of Object.entries(budgets?.providers ?? {})) set({ kind: 'provider', id }, window);
  for (const { id, budget } of deployments) set({ kind: 'deployment', id }, budget);
  return limits;
}
