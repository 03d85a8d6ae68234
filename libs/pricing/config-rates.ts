import type { PriceOverride } from '#config';
import { parseDecimal, type Decimal } from './decimal.ts';
import { createRates, type RateTable } from './rates.ts';

/** The prices an operator wrote, US dollars per token. Throws `RangeError` for text that is not a price: config has checked it. */
export function configRates(prices: PriceOverride): RateTable {
  const rates = createRates({
    input: parseDecimal(prices.inputUsd),
    output: parseDecimal(prices.outputUsd),
    cacheRead: parseOptional(prices.cacheReadUsd),
    cacheWrite: parseOptional(prices.cacheWriteUsd),
    cacheWrite1h: parseOptional(prices.cacheWrite1hUsd),
  });
  return { base: rates, tiers: [], outputPriced: true };
}

function parseOptional(text: string | undefined): Decimal | undefined {
  return text === undefined ? undefined : parseDecimal(text);
}
