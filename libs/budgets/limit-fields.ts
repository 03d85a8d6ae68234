import type { BudgetReset } from '#contracts';

/** Dollars: a number as JSON has it, or decimal text. */
export type UsdField = number | string;

/** What a client says about budgets: LiteLLM's fields for keys, teams, users, budgets and so on, and our own two for how one resets. */
export interface BudgetFields {
  readonly max_budget?: UsdField | null | undefined;
  /** `24h`, `7d`, `1mo`; none: what is spent is never forgotten. */
  readonly budget_duration?: string | null | undefined;
  readonly soft_budget?: UsdField | null | undefined;
  /** More windows beside that of `max_budget`. */
  readonly budget_limits?: readonly BudgetLimitField[] | null | undefined;
  readonly temp_budget_increase?: UsdField | null | undefined;
  /** A date and time. */
  readonly temp_budget_expiry?: string | null | undefined;
  readonly budget_reset?: BudgetReset | null | undefined;
  readonly budget_time_zone?: string | null | undefined;
}

export interface BudgetLimitField {
  readonly max_budget: UsdField;
  readonly budget_duration: string;
}

/** A model's own budget, as LiteLLM writes it (`budget_limit`, `time_period`) or as other budgets are; a bare amount has no end. */
export type ModelBudgetField =
  | UsdField
  | {
      readonly budget_limit?: UsdField | null | undefined;
      readonly max_budget?: UsdField | null | undefined;
      readonly time_period?: string | null | undefined;
      readonly budget_duration?: string | null | undefined;
    };

type CountField = number | null | undefined;
type ModelCounts = Readonly<Record<string, number>> | null | undefined;

/** Everything of a client's fields that becomes `Limits`. */
export interface LimitFields extends BudgetFields {
  readonly rpm_limit?: CountField;
  readonly tpm_limit?: CountField;
  readonly max_parallel_requests?: CountField;
  readonly model_max_budget?: Readonly<Record<string, ModelBudgetField>> | null | undefined;
  readonly model_rpm_limit?: ModelCounts;
  readonly model_tpm_limit?: ModelCounts;
}
