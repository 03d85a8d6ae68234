import { toLimits } from '#budgets';
import type { StoredBudget } from '#db';
import type { AdminResources } from '../resources.ts';
import { limitFieldsOf } from '../scopes/limit-schema.ts';
import { limitOptions } from '../scopes/limit-options.ts';
import { bookkeepingView, limitView } from '../scopes/scope-view.ts';

/** A shared budget as LiteLLM's management API shows it. Each of its users has its own windows; shown are those of one that begins now. */
export function budgetView(budget: StoredBudget, resources: Pick<AdminResources, 'now' | 'stored'>) {
  const limits = toLimits(limitFieldsOf(budget.fields), limitOptions(resources)) ?? null;
  return { budget_id: budget.id, ...limitView(budget.fields, limits, resources.now()), ...bookkeepingView(budget) };
}
