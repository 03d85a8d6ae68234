import type { DailySpend } from '#db';

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

const GROUPS = { user: 'users', model: 'models', key: 'api_keys' } as const;

/** Sums of Postgres as one object a day, oldest first; days without an attempt are left out. */
export function dailyView(sums: readonly DailySpend[]): DayView[] {
  const days = new Map<string, DayView>();
  for (const sum of sums) {
    const day = days.get(sum.day) ?? emptyDay(sum.day);
    days.set(sum.day, day);
    if (sum.by === 'all') Object.assign(day, totals(sum));
    // attempts without a user are under "", as LiteLLM has them
    else day[GROUPS[sum.by]][sum.name ?? ''] = Number(sum.spendUsd);
  }
  return [...days.values()];
}

function totals(sum: DailySpend) {
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
