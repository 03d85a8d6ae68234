import { parsePriceName, type PriceName, type PriceOverride } from '#config';
import { parseDecimal, type Decimal } from './decimal.ts';

/** One price in US dollars, and when it holds. */
export interface PricePoint extends PriceName {
  readonly price: Decimal;
}

/** Everything that is known about the prices of a model, from whatever source. */
export interface PriceSheet {
  readonly points: readonly PricePoint[];
  /** However often the model searched, an answer pays for one search. */
  readonly searchPerPrompt: boolean;
}

/** A sheet of prices by LiteLLM's names; names that are no price are left out. Throws `RangeError` for text that is no price. */
export function namedSheet(prices: Iterable<readonly [name: string, usd: string]>, searchPerPrompt = false): PriceSheet {
  const points: PricePoint[] = [];
  for (const [name, usd] of prices) {
    const parsed = parsePriceName(name);
    if (parsed !== undefined) points.push({ ...parsed, price: parseDecimal(usd) });
  }
  return { points, searchPerPrompt };
}

/** The prices an operator wrote. Throws `RangeError` for text that is not a price: config has checked it. */
export function overrideSheet(prices: PriceOverride): PriceSheet {
  const named: (readonly [string, string | undefined])[] = [
    ['input_cost_per_token', prices.inputUsd],
    ['output_cost_per_token', prices.outputUsd],
    ['cache_read_input_token_cost', prices.cacheReadUsd],
    ['cache_creation_input_token_cost', prices.cacheWriteUsd],
    ['cache_creation_input_token_cost_above_1hr', prices.cacheWrite1hUsd],
    ...Object.entries(prices.further ?? {}),
  ];
  return namedSheet(
    named.flatMap(([name, usd]) => (usd === undefined ? [] : [[name, usd] as const])),
    prices.searchPerPrompt,
  );
}
