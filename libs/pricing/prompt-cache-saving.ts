import { difference } from './dearest.ts';
import type { PricedAttempt, PriceInput, Pricer } from './pricer.ts';

/**
 * What a provider's prompt cache took off the price of an attempt: its price with nothing cached, less its own. Decimal text in US dollars, with a
 * minus where writing to the cache cost more. Undefined where the cache was not used, and where no price is known.
 */
export function promptCacheSaving(input: PriceInput, { cost }: PricedAttempt, pricer: Pick<Pricer, 'price'>): string | undefined {
  const { usage } = input;
  if (usage.cacheReadTokens + usage.cacheWriteTokens + usage.cacheWrite1hTokens === 0 || cost === undefined) return undefined;
  const uncached = { ...usage, cacheReadTokens: 0, cacheWriteTokens: 0, cacheWrite1hTokens: 0, statedCostUsd: undefined };
  const full = pricer.price({ ...input, usage: uncached }).cost;
  return full && difference(full.totalUsd, cost.totalUsd);
}
