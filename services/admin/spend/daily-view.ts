import type { SpendSum, SumsQuery } from '#db';

interface DayView {
  /** `YYYY-MM-DD`, under LiteLLM's name for it. */
  readonly startTime: string;
  spend: number;
  /** The same in exact decimal text. */
  spend_usd: string;
  attempts: number;
  unpriced_attempts: number;
  prompt_tokens: number;
  completion_tokens: number;
  readonly users: Record<string, number>;
  readonly models: Record<string, number>;
  readonly api_keys: Record<string, number>;
}

/** What `dailyView` is made of. */
export const DAILY_GROUPS: SumsQuery['groups'] = [['day'], ['day', 'user'], ['day', 'model'], ['day', 'key']];

/** Sums as one object a day, oldest first; days without an attempt are left out. */
export function dailyView(sums: readonly SpendSum[]): DayView[] {
  const days = new Map<string, DayView>();
  for (const sum of sums) {
    const { day = '', user, model, key } = sum.names;
    const view = days.get(day) ?? emptyDay(day);
    days.set(day, view);
    const spend = Number(sum.spendUsd);
    // attempts without a user are under "", as LiteLLM has them
    if (user !== undefined) view.users[user] = spend;
    else if (model !== undefined) view.models[model] = spend;
    else if (key !== undefined) view.api_keys[key] = spend;
    else Object.assign(view, totals(sum));
  }
  return [...days.values()].toSorted((one, other) => one.startTime.localeCompare(other.startTime));
}

function totals(sum: SpendSum) {
  return {
    spend: Number(sum.spendUsd),
    spend_usd: sum.spendUsd,
    attempts: sum.attempts,
    unpriced_attempts: sum.unpriced,
    prompt_tokens: sum.inputTokens,
    completion_tokens: sum.outputTokens,
  };
}

function emptyDay(day: string): DayView {
  return {
    startTime: day,
    spend: 0,
    spend_usd: '0',
    attempts: 0,
    unpriced_attempts: 0,
    prompt_tokens: 0,
    completion_tokens: 0,
    users: {},
    models: {},
    api_keys: {},
  };
}
