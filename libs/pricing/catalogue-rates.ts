import { calcPrice, type ModelPrice, type PriceCalculation } from '@pydantic/genai-prices';
import { parseDecimal, type Decimal } from './decimal.ts';
import { createRates, type Rates, type RateTable } from './rates.ts';

/** What a model costs at a moment, and the span of Unix milliseconds in which that answer holds. */
export interface CatalogueEntry {
  /** Undefined when the catalogue has no price per input token. */
  readonly table: RateTable | undefined;
  readonly from: number;
  readonly until: number;
}

export interface CatalogueName {
  /** Provider id of the catalogue; undefined searches all providers by model name. */
  readonly provider: string | undefined;
  readonly model: string;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

/**
 * Looks the names up in order; the first the catalogue knows counts. The catalogue scans its lists, 20 to 40 µs a name, so
 * callers keep the entry. Prices bound to a date or a time of day (they begin on full minutes) hold for a minute, others an hour.
 */
export function catalogueEntry(names: readonly CatalogueName[], at: Date): CatalogueEntry {
  const now = at.getTime();
  for (const name of names) {
    const found = find(name, at);
    if (found === undefined) continue;
    const span = Array.isArray(found.model.prices) ? MINUTE_MS : HOUR_MS;
    const from = now - (now % span);
    return { table: rateTable(found.model_price), from, until: from + span };
  }
  const from = now - (now % HOUR_MS);
  return { table: undefined, from, until: from + HOUR_MS };
}

/** A price the library can't make sense of is an unknown price; the attempt it belongs to must still be booked. */
function find(name: CatalogueName, at: Date): PriceCalculation | undefined {
  try {
    const options = name.provider === undefined ? { timestamp: at } : { timestamp: at, providerId: name.provider };
    return calcPrice({}, name.model, options) ?? undefined;
  } catch {
    return undefined;
  }
}

/**
 * Works on the catalogue's own unit prices instead of its computed totals, which are float sums (3.0000000000000004e-7):
 * the shortest text of a price like 0.15 per million is exact.
 */
function rateTable(price: ModelPrice): RateTable | undefined {
  const base = ratesAt(price, 0);
  if (base === undefined) return undefined;
  const starts = new Set<number>();
  for (const value of Object.values(price)) {
    if (typeof value === 'object') for (const tier of value.tiers) starts.add(tier.start);
  }
  const tiers: { above: number; rates: Rates }[] = [];
  for (const above of [...starts].sort((a, b) => a - b)) {
    const rates = ratesAt(price, above + 1);
    if (rates !== undefined) tiers.push({ above, rates });
  }
  return { base, tiers, outputPriced: price['output_mtok'] !== undefined };
}

function ratesAt(price: ModelPrice, inputTokens: number): Rates | undefined {
  const perMillion = (key: string): Decimal | undefined => unitPrice(price[key], inputTokens, 6);
  const input = perMillion('input_mtok');
  if (input === undefined) return undefined;
  return createRates({
    input,
    output: perMillion('output_mtok') ?? FREE,
    cacheRead: perMillion('cache_read_mtok'),
    cacheWrite: perMillion('cache_write_5m_mtok') ?? perMillion('cache_write_mtok'),
    cacheWrite1h: perMillion('cache_write_1h_mtok') ?? perMillion('cache_write_mtok'),
    inputAudio: perMillion('input_audio_mtok'),
    outputAudio: perMillion('output_audio_mtok'),
    reasoning: perMillion('output_reasoning_mtok'),
    request: unitPrice(price['requests_kcount'], inputTokens, 3),
  });
}

const FREE: Decimal = { digits: 0n, scale: 0 };

function unitPrice(price: ModelPrice[string], inputTokens: number, perExponent: number): Decimal | undefined {
  if (price === undefined) return undefined;
  let value = typeof price === 'number' ? price : price.base;
  if (typeof price === 'object') {
    for (const tier of [...price.tiers].sort((a, b) => a.start - b.start)) if (inputTokens > tier.start) value = tier.price;
  }
  const { digits, scale } = parseDecimal(String(value));
  return { digits, scale: scale + perExponent };
}
