/**
 * How a budget's spend goes back to zero. `fixed` counts periods from `startsAt`; `rolling` looks back one period from now;
 * `calendar` begins at midnight, on Monday or on the first of the month in the budget's time zone.
 */
export const BUDGET_RESETS = ['fixed', 'rolling', 'calendar'] as const;
export type BudgetReset = (typeof BUDGET_RESETS)[number];

/** One window of a budget. A scope may have several at once: $5 a day and $100 a month. */
export interface BudgetWindow {
  /** Unique within its scope and kept when its limit is changed: spend is counted under it. */
  readonly id: string;
  /** US dollars, decimal text, 0 or more. */
  readonly limitUsd: string;
  /** `30s`, `30m`, `24h`, `7d`, `1mo`; absent: for ever. */
  readonly period?: string | undefined;
  readonly reset?: BudgetReset | undefined;
  /** IANA name; UTC unless given. */
  readonly timeZone?: string | undefined;
  /** Unix milliseconds: where `fixed` periods are counted from, and where counting begins at all. */
  readonly startsAt?: number | undefined;
  /** Decimal text: what the period that begins at `startsAt` has spent when it begins, after spend was set to an amount. */
  readonly carriedUsd?: string | undefined;
  /** A higher limit for a while. */
  readonly increase?: { readonly usd: string; readonly until: number } | undefined;
  /** Spend at which its owner is told, decimal text. Nothing is refused. */
  readonly softUsd?: string | undefined;
}

/** Requests and tokens are counted over the last 60 s; `parallel` are requests under way. */
export interface RateLimits {
  readonly rpm?: number | undefined;
  /** Input and output together. */
  readonly tpm?: number | undefined;
  readonly inputTpm?: number | undefined;
  readonly outputTpm?: number | undefined;
  readonly parallel?: number | undefined;
}

/** Everything that may be limited in one scope. */
export interface Limits extends RateLimits {
  readonly budgets?: readonly BudgetWindow[] | undefined;
  /** By model group, for this scope's calls of that model alone. */
  readonly models?: Readonly<Record<string, ModelLimits>> | undefined;
}

export interface ModelLimits extends RateLimits {
  readonly budgets?: readonly BudgetWindow[] | undefined;
}

/** Whether anything in it can refuse a request. */
export function hasLimits(limits: Limits | undefined): limits is Limits {
  return limits !== undefined && Object.values(limits).some((value) => value !== undefined);
}
