import { z } from 'zod';
import { name } from '../scopes/field-schemas.ts';
import { limitShape } from '../scopes/limit-schema.ts';

export const newBudgetSchema = z.object({ ...limitShape, budget_id: name.nullish() });
export const changedBudgetSchema = z.object({ ...limitShape, budget_id: name });
export const budgetIdsSchema = z.object({ budgets: z.array(name).max(1_000) });
export const budgetIdSchema = z.object({ budget_id: name });
export const deletedBudgetSchema = z.object({ id: name });

/** The rest of LiteLLM's fields for a budget: when it resets follows from `budget_duration`, models are limited where they are used. */
export const NOT_ENFORCED_BUDGET_FIELDS: ReadonlySet<string> = new Set(['budget_reset_at', 'allowed_models', 'created_by', 'updated_by']);
