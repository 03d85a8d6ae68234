import type { SpendSum } from '#db';

/** Sums under LiteLLM's names. `spend` is a number for clients that add it up, `spend_usd` the exact amount. Each upstream attempt is one request. */
export function metricsOf(sum: Omit<SpendSum, 'group' | 'names'>) {
  return {
    spend: Number(sum.spendUsd),
    spend_usd: sum.spendUsd,
    prompt_tokens: sum.inputTokens,
    completion_tokens: sum.outputTokens,
    cache_read_input_tokens: sum.cacheReadTokens,
    cache_creation_input_tokens: sum.cacheWriteTokens,
    total_tokens: sum.inputTokens + sum.outputTokens,
    successful_requests: sum.successes,
    failed_requests: sum.attempts - sum.successes,
    api_requests: sum.attempts,
    unpriced_requests: sum.unpriced,
  };
}

export type Metrics = ReturnType<typeof metricsOf>;

export const NO_METRICS: Metrics = metricsOf({
  spendUsd: '0',
  attempts: 0,
  successes: 0,
  unpriced: 0,
  inputTokens: 0,
  cacheReadTokens: 0,
  cacheWriteTokens: 0,
  outputTokens: 0,
  reasoningTokens: 0,
});

/** The dearest first; what costs the same by name. */
export function dearestFirst(sums: readonly SpendSum[]): SpendSum[] {
  const nameOf = ({ names }: SpendSum): string => Object.values(names).join('\n');
  return sums.toSorted((one, other) => Number(other.spendUsd) - Number(one.spendUsd) || nameOf(one).localeCompare(nameOf(other)));
}
