import type { PriceKind } from '#config';
import type { Decimal } from './decimal.ts';
import type { PricePoint, PriceSheet } from './price-sheet.ts';
import { createRates, type ImagePrice, type Rates } from './rates.ts';

/** The prices of a model, ready to calculate with. */
export interface RateTable {
  /** Nothing in it costs anything, as for models of the operator's own. */
  readonly free: boolean;
  readonly searchPerPrompt: boolean;
  /** The rates for a request of so many input tokens (cached ones included), which price all of it, in a tier of service. */
  ratesFor(inputTokens: number, serviceTier: string | undefined): Rates;
}

/** What a provider takes of its usual price for tokens in a tier of service, decimal text: `{"batch":"0.5"}`. */
export type TierMultipliers = Readonly<Record<string, Decimal>>;

interface Step {
  readonly above: number;
  readonly rates: Rates;
}

/** Tiers are what a provider answers, so any text: no more than this many are kept. */
const MAX_TIERS = 16;

/**
 * A price that a tier of service lacks is the usual one of the same length of input; where the sheet has nothing for the tier at all, the
 * provider's multiplier applies, if it has published one.
 */
export function createRateTable(sheet: PriceSheet, multipliers: TierMultipliers = {}): RateTable {
  const steps = new Map<string, readonly Step[]>([['', buildSteps(sheet, '', undefined)]]);
  const stepsOf = (tier: string): readonly Step[] => {
    const known = steps.get(tier);
    if (known !== undefined) return known;
    const listed = sheet.points.some((point) => point.tier === tier);
    const built = buildSteps(sheet, tier, listed || !Object.hasOwn(multipliers, tier) ? undefined : multipliers[tier]);
    if (steps.size < MAX_TIERS) steps.set(tier, built);
    return built;
  };
  return {
    free: sheet.points.length > 0 && sheet.points.every(({ price }) => price.digits === 0n),
    searchPerPrompt: sheet.searchPerPrompt,
    ratesFor(inputTokens, serviceTier) {
      const [first, ...longer] = stepsOf(serviceTier ?? '');
      let rates = first?.rates ?? NO_RATES;
      for (const step of longer) {
        if (inputTokens <= step.above) break;
        rates = step.rates;
      }
      return rates;
    },
  };
}

const NO_RATES = createRates({});

/** Ascending, the first for inputs of any length. */
function buildSteps(sheet: PriceSheet, tier: string, multiplier: Decimal | undefined): readonly Step[] {
  const marks = new Set(sheet.points.map((point) => point.aboveTokens));
  return [...marks.add(0)].sort((a, b) => a - b).map((above) => ({ above, rates: ratesAt(sheet, { above, tier, multiplier }) }));
}

interface Conditions {
  readonly above: number;
  readonly tier: string;
  readonly multiplier: Decimal | undefined;
}

function ratesAt(sheet: PriceSheet, { above, tier, multiplier }: Conditions): Rates {
  const holding = sheet.points.filter((point) => point.aboveTokens <= above && (point.tier === '' || point.tier === tier));
  const priceOf = (kind: PriceKind): Decimal | undefined => bestOf(holding.filter((point) => point.kind === kind));
  const tokenPrice = (kind: PriceKind): Decimal | undefined => times(priceOf(kind), multiplier);
  return createRates(
    {
      input: tokenPrice('input'),
      output: tokenPrice('output'),
      cacheRead: tokenPrice('cacheRead'),
      cacheWrite: tokenPrice('cacheWrite'),
      cacheWrite1h: tokenPrice('cacheWrite1h'),
      reasoning: tokenPrice('reasoning'),
      inputAudio: tokenPrice('inputAudio'),
      outputAudio: tokenPrice('outputAudio'),
      inputImage: tokenPrice('inputImage'),
      outputImage: tokenPrice('outputImage'),
      pixel: priceOf('pixel'),
      second: priceOf('second'),
      character: priceOf('character'),
      request: priceOf('request'),
      query: priceOf('query'),
      webSearch: priceOf('webSearch'),
    },
    imagePrices(holding.filter((point) => point.kind === 'image')),
  );
}

/** The longest mark counts, then the tier of service, then the dearest: LiteLLM's order. */
function bestOf(points: readonly PricePoint[]): Decimal | undefined {
  let best: PricePoint | undefined;
  for (const point of points) if (best === undefined || isBetter(point, best)) best = point;
  return best?.price;
}

function isBetter(a: PricePoint, b: PricePoint): boolean {
  if (a.aboveTokens !== b.aboveTokens) return a.aboveTokens > b.aboveTokens;
  if (a.tier !== b.tier) return a.tier !== '';
  return isMore(a.price, b.price);
}

function isMore(a: Decimal, b: Decimal): boolean {
  return a.digits * 10n ** BigInt(b.scale) > b.digits * 10n ** BigInt(a.scale);
}

/** One price for each size and quality. */
function imagePrices(points: readonly PricePoint[]): readonly ImagePrice[] {
  const groups = Map.groupBy(points, ({ abovePixels, quality }) => `${abovePixels} ${quality}`);
  return [...groups.values()].flatMap((group) => {
    const price = bestOf(group);
    const [first] = group;
    return price === undefined || first === undefined ? [] : [{ abovePixels: first.abovePixels, quality: first.quality, price }];
  });
}

function times(price: Decimal | undefined, multiplier: Decimal | undefined): Decimal | undefined {
  if (price === undefined || multiplier === undefined) return price;
  return { digits: price.digits * multiplier.digits, scale: price.scale + multiplier.scale };
}
