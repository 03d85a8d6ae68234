import { type LimitFields, periodAt } from '#budgets';
import type { BudgetWindow, Limits } from '#contracts';
import { limitFieldsOf } from './limit-schema.ts';

/** Limits as LiteLLM shows them: null where there is none. Amounts as they were said. */
export function limitView(fields: Readonly<Record<string, unknown>>, limits: Limits | null, now: Date) {
  const said: LimitFields = limitFieldsOf(fields);
  const windows = limits?.budgets ?? [];
  return {
    max_budget: said.max_budget ?? null,
    soft_budget: said.soft_budget ?? null,
    budget_duration: said.budget_duration ?? null,
    budget_reset_at: resetAt(
      windows.find(({ id }) => id === 'budget'),
      now,
    ),
    budget_limits: (said.budget_limits ?? []).map((limit) => ({
      ...limit,
      reset_at: resetAt(
        windows.find(({ id }) => id === limit.budget_duration.trim()),
        now,
      ),
    })),
    budget_reset: said.budget_reset ?? null,
    budget_time_zone: said.budget_time_zone ?? null,
    temp_budget_increase: said.temp_budget_increase ?? null,
    temp_budget_expiry: said.temp_budget_expiry ?? null,
    tpm_limit: said.tpm_limit ?? null,
    rpm_limit: said.rpm_limit ?? null,
    max_parallel_requests: said.max_parallel_requests ?? null,
    model_max_budget: said.model_max_budget ?? {},
    model_rpm_limit: said.model_rpm_limit ?? {},
    model_tpm_limit: said.model_tpm_limit ?? {},
  };
}

function resetAt(window: BudgetWindow | undefined, now: Date): string | null {
  const endsAt = window === undefined ? undefined : periodAt(window, now.getTime()).endsAt;
  return endsAt === undefined ? null : new Date(endsAt).toISOString();
}

/** Limits as a row of LiteLLM's budget table, where there are any. */
export function budgetTableView(budgetId: string | null, fields: Readonly<Record<string, unknown>>, limits: Limits | null, now: Date) {
  return limits === null && budgetId === null ? null : { budget_id: budgetId, ...limitView(fields, limits, now) };
}

interface Kept {
  readonly createdAt: Date;
  readonly createdBy: string;
  readonly updatedAt: Date;
  readonly updatedBy: string;
}

export function bookkeepingView({ createdAt, createdBy, updatedAt, updatedBy }: Kept) {
  return { created_at: createdAt.toISOString(), created_by: createdBy, updated_at: updatedAt.toISOString(), updated_by: updatedBy };
}
