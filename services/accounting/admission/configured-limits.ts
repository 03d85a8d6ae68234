import type { GatewayConfig } from '#config';
import { EVERY_CUSTOMER, EVERY_KEY, type Limits, type Scope, scopeName } from '#contracts';

const GATEWAY: Scope = { kind: 'gateway', id: '' };

/** The limits that the configuration sets itself, by `scopeName`: of the gateway, of providers and deployments, of end users and keys without their own. */
export function configuredLimits({ budgets, deployments }: Pick<GatewayConfig, 'budgets' | 'deployments'>): ReadonlyMap<string, Limits> {
  const limits = new Map<string, Limits>();
  const zone = budgets?.timeZone === undefined ? {} : { timeZone: budgets.timeZone };
  const set = (scope: Scope, window: NonNullable<Limits['budgets']>[number] | undefined): void => {
    if (window !== undefined) limits.set(scopeName(scope), { budgets: [{ ...window, ...zone }] });
  };
  set(GATEWAY, budgets?.gateway);
  const addParallel = (scope: Scope, parallel: number | undefined): void => {
    if (parallel !== undefined) limits.set(scopeName(scope), { ...limits.get(scopeName(scope)), parallel });
  };
  addParallel(GATEWAY, budgets?.gatewayParallel);
  addParallel(EVERY_KEY, budgets?.keyParallel);
  set(EVERY_CUSTOMER, budgets?.endUserBudget);
  for (const [id, window] of Object.entries(budgets?.providers ?? {})) set({ kind: 'provider', id }, window);
  for (const { id, budget } of deployments) set({ kind: 'deployment', id }, budget);
  return limits;
}
