import type { BudgetWindow } from '#contracts';

/** Budgets of no key or team, and how all of them are kept: `headrace.budgets`, `litellm_settings`, `router_settings`. */
export interface BudgetSettings {
  /** Reserved for an answer whose request does not say how long it may be. */
  readonly defaultOutputTokens: number;
  /** Reserved, and counted, for a call whose price nobody knows, decimal text; unset: such calls are refused under a budget. */
  readonly unknownPriceUsd: string | undefined;
  /** Nothing is admitted while the database is away. */
  readonly failClosed: boolean;
  /** In place of 402: `headrace.budget_exceeded_status`. */
  readonly exceededStatus: number | undefined;
  /** Of everything together: `litellm_settings.max_budget`. */
  readonly gateway: BudgetWindow | undefined;
  /** Requests under way at the same time in everything together: `general_settings.global_max_parallel_requests`. */
  readonly gatewayParallel?: number | undefined;
  /** The same for each virtual key that has no number of its own: `general_settings.max_parallel_requests`. */
  readonly keyParallel?: number | undefined;
  /** By the provider's id: `router_settings.provider_budget_config`. */
  readonly providers: Readonly<Record<string, BudgetWindow>>;
  /** Of every end user that has none of its own: `max_end_user_budget`, or the shared budget of this name. */
  readonly endUserBudget: BudgetWindow | undefined;
  readonly endUserBudgetId: string | undefined;
  /** Where days, weeks and months of budgets begin unless they say so themselves; IANA name, UTC unless given. */
  readonly timeZone?: string | undefined;
}

/** What new virtual keys get and may have. */
export interface KeyRules {
  /** By the fields of `/key/generate`, where a request says nothing: `default_key_generate_params`. */
  readonly defaults: Readonly<Record<string, number | string | readonly string[]>>;
  /** The most that may be asked for: `upperbound_key_generate_params`. */
  readonly upperBounds: Readonly<Record<string, number | string>>;
  /** Which tokens `tpm_limit` counts: `general_settings.token_rate_limit_type`. */
  readonly tokenLimitType: 'total' | 'input' | 'output';
}
