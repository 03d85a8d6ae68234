import { calcPrice, type ModelPrice, type PriceCalculation } from '@pydantic/genai-prices';
import type { PriceKind } from '#config';
import { parseDecimal, type Decimal } from './decimal.ts';
import type { PricePoint, PriceSheet } from './price-sheet.ts';
import { createRateTable, type RateTable, type TierMultipliers } from './rate-table.ts';

/** What a model costs at a moment, and the span of Unix milliseconds in which that answer holds. */
export interface CatalogueEntry {
  /** Undefined when the catalogue has no price for the model. */
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
export function catalogueEntry(names: readonly CatalogueName[], at: Date, multipliers?: TierMultipliers): CatalogueEntry {
  const now = at.getTime();
  for (const name of names) {
    const found = find(name, at);
    if (found === undefined) continue;
    const span = Array.isArray(found.model.prices) ? MINUTE_MS : HOUR_MS;
    const from = now - (now % span);
    const sheet = catalogueSheet(found.model_price);
    return { table: sheet.points.length > 0 ? createRateTable(sheet, multipliers) : undefined, from, until: from + span };
  }
  const from = now - (now % HOUR_MS);
  return { table: undefined, from, until: from + HOUR_MS };
}

/** Tokens that a model takes, input and answer together; undefined where the catalogue does not say. */
export function catalogueContext(names: readonly CatalogueName[], at: Date): number | undefined {
  for (const name of names) {
    const found = find(name, at);
    if (found !== undefined) return found.model.context_window;
  }
  return undefined;
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

/** How the catalogue counts: per million, per thousand. */
const MTOK = 6;
const KCOUNT = 3;

/** The catalogue's names that are priced here; the first of a kind counts. */
const KINDS: readonly (readonly [key: string, kind: PriceKind, perExponent: number])[] = [
  ['input_mtok', 'input', MTOK],
  ['output_mtok', 'output', MTOK],
  ['cache_read_mtok', 'cacheRead', MTOK],
  ['cache_write_5m_mtok', 'cacheWrite', MTOK],
  ['cache_write_mtok', 'cacheWrite', MTOK],
  ['cache_write_1h_mtok', 'cacheWrite1h', MTOK],
  ['output_reasoning_mtok', 'reasoning', MTOK],
  ['input_audio_mtok', 'inputAudio', MTOK],
  ['output_audio_mtok', 'outputAudio', MTOK],
  ['input_image_mtok', 'inputImage', MTOK],
  ['output_image_mtok', 'outputImage', MTOK],
  ['requests_kcount', 'request', KCOUNT],
  ['rerank_searches_kcount', 'query', KCOUNT],
  ['web_searches_kcount', 'webSearch', KCOUNT],
];

/**
 * Works on the catalogue's own unit prices instead of its computed totals, which are float sums (3.0000000000000004e-7):
 * the shortest text of a price like 0.15 per million is exact.
 */
function catalogueSheet(price: ModelPrice): PriceSheet {
  const points: PricePoint[] = [];
  const taken = new Set<PriceKind>();
  for (const [key, kind, perExponent] of KINDS) {
    const value = price[key];
    if (value === undefined || taken.has(kind)) continue;
    taken.add(kind);
    points.push(...pointsOf(value, kind, perExponent));
  }
  const hours = price['audio_hours'] ?? price['input_audio_hours'];
  if (typeof hours === 'number') points.push(point('second', 0, perSecond(decimalOf(hours))));
  return { points, searchPerPrompt: false };
}

function pointsOf(value: NonNullable<ModelPrice[string]>, kind: PriceKind, perExponent: number): readonly PricePoint[] {
  const base = typeof value === 'number' ? value : value.base;
  const tiers = typeof value === 'number' ? [] : value.tiers;
  const scaled = (amount: number): Decimal => {
    const { digits, scale } = decimalOf(amount);
    return { digits, scale: scale + perExponent };
  };
  return [point(kind, 0, scaled(base)), ...tiers.map((tier) => point(kind, tier.start, scaled(tier.price)))];
}

function point(kind: PriceKind, aboveTokens: number, price: Decimal): PricePoint {
  return { kind, aboveTokens, tier: '', abovePixels: 0, quality: '', price };
}

function decimalOf(value: number): Decimal {
  return parseDecimal(String(value));
}

const SECONDS_PER_HOUR = 3_600n;
const HOUR_PLACES = 20;

/** A third of a cent an hour has no end as a decimal: cut after 20 places, which is exact to the dollar for a billion years of sound. */
function perSecond({ digits, scale }: Decimal): Decimal {
  return { digits: (digits * 10n ** BigInt(HOUR_PLACES)) / SECONDS_PER_HOUR, scale: scale + HOUR_PLACES };
}
