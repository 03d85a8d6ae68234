import type { StoredScope } from '#db';
import { spendView } from '../scopes/scope-spend.ts';
import { bookkeepingView, budgetTableView, limitView } from '../scopes/scope-view.ts';

/** An end user as LiteLLM's management API shows it. */
export function customerView(customer: StoredScope, { now, spendUsd }: { now: Date; spendUsd?: string | undefined }) {
  const { id, alias, blocked, budgetId, models, metadata, fields, limits, details } = customer;
  return {
    user_id: id,
    alias,
    blocked,
    budget_id: budgetId,
    allowed_model_region: null,
    default_model: details['default_model'] ?? null,
    models,
    metadata,
    ...limitView(fields, limits, now),
    ...spendView(spendUsd),
    litellm_budget_table: budgetTableView(budgetId, fields, limits, now),
    ...bookkeepingView(customer),
  };
}
