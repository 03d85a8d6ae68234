import type { CostBreakdown, TokenUsage } from '#contracts';
import { formatDecimal, parseDecimal } from './decimal.ts';

const MAX_USD = 100_000;

/** What the provider says the call cost, in one sum; undefined when it says nothing, or nothing that one attempt can cost. */
export function statedCost({ statedCostUsd }: TokenUsage): CostBreakdown | undefined {
  if (statedCostUsd === undefined || !(Number(statedCostUsd) <= MAX_USD)) return undefined;
  try {
    const { digits, scale } = parseDecimal(statedCostUsd);
    const totalUsd = formatDecimal(digits, scale);
    return { inputUsd: '0', cacheReadUsd: '0', cacheWriteUsd: '0', outputUsd: '0', requestUsd: totalUsd, totalUsd };
  } catch {
    return undefined;
  }
}
