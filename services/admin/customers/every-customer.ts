import { EVERY_CUSTOMER } from '#contracts';
import { createScope, type Database, findBudgets, findScope, transact, updateScope } from '#db';
import { BY_ITSELF, recordChange } from '../audit/record-change.ts';
import type { AdminLog, AdminResources } from '../resources.ts';
import { limitsOf } from '../scopes/scope-limits.ts';

type Resources = Pick<AdminResources, 'db' | 'scopes' | 'stored' | 'now'> & { readonly log: Pick<AdminLog, 'warn'> };

/**
 * Sees to it that end users without limits of their own have those of the shared budget that the configuration names for them
 * (`max_end_user_budget_id`). It is a row like that of one end user, so that a change of the budget finds it. Safe to repeat.
 */
export async function keepEveryCustomer({ db, scopes, stored, now, log }: Resources): Promise<void> {
  const wanted = stored.config.budgets?.endUserBudgetId ?? null;
  const present = await findScope(db, EVERY_CUSTOMER);
  if ((present?.budgetId ?? null) === wanted) return;
  if (wanted !== null && (await findBudgets(db, [wanted])).length === 0) {
    log.warn({ budget: wanted }, 'max_end_user_budget_id names a budget that is not there: end users have no default limit');
    return;
  }
  await transact(db, (inside) => setBudget(inside, wanted, { stored, now }));
  await scopes.publish(EVERY_CUSTOMER);
}

async function setBudget(inside: Database, budgetId: string | null, resources: Pick<AdminResources, 'now' | 'stored'>): Promise<void> {
  const limits = await limitsOf(inside, { kind: 'customer', fields: {}, budgetId, teamId: null, limits: null }, resources);
  const made = await createScope(inside, { ...EVERY_CUSTOMER, budgetId, limits }, { by: BY_ITSELF });
  if (made.kind !== 'created') await updateScope(inside, EVERY_CUSTOMER, { budgetId, limits }, { by: BY_ITSELF });
  await recordChange(inside, BY_ITSELF, { action: 'updated', table: 'customers', objectId: '', after: { budgetId } });
}
