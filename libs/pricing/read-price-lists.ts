import { parsePriceName } from '#config';

type ReadPrice = (given: unknown) => string | undefined;
type NamedPrice = readonly [name: string, usd: string];

const SIZES = ['search_context_size_medium', 'search_context_size_low', 'search_context_size_high'];

/**
 * The two prices of LiteLLM's file that are not one number: `search_context_cost_per_query`, taken for the medium size, and
 * `tiered_pricing`, whose ranges become prices above a number of input tokens. What can't be read is left out.
 */
export function readPriceLists(entry: Readonly<Record<string, unknown>>, readPrice: ReadPrice): readonly NamedPrice[] {
  const tiers = entry['tiered_pricing'];
  return [
    ...searchPrice(entry['search_context_cost_per_query'], readPrice),
    ...(Array.isArray(tiers) ? tiers.flatMap((tier: unknown) => tierPrices(tier, readPrice)) : []),
  ];
}

function searchPrice(given: unknown, readPrice: ReadPrice): readonly NamedPrice[] {
  if (typeof given !== 'object' || given === null) return [];
  const bySize = new Map<string, unknown>(Object.entries(given));
  const price = SIZES.map((size) => readPrice(bySize.get(size))).find((text) => text !== undefined);
  return price === undefined ? [] : [['web_search_cost_per_query', price]];
}

function tierPrices(tier: unknown, readPrice: ReadPrice): readonly NamedPrice[] {
  if (typeof tier !== 'object' || tier === null) return [];
  const fields = Object.entries(tier);
  const range: unknown = fields.find(([key]) => key === 'range')?.[1];
  const from: unknown = Array.isArray(range) ? range[0] : undefined;
  if (typeof from !== 'number' || !Number.isSafeInteger(from) || from < 0) return [];
  return fields.flatMap(([key, value]): NamedPrice[] => {
    const price = parsePriceName(key) === undefined ? undefined : readPrice(value);
    return price === undefined ? [] : [[from === 0 ? key : `${key}_above_${from}_tokens`, price]];
  });
}
