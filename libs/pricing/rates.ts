import { digitsAtScale, type Decimal } from './decimal.ts';

/** What each thing costs in US dollars, as integers that all count units of `10^-scale` dollars. Undefined: has no price. */
export interface Rates {
  readonly scale: number;
  /** False for models with prices for other things alone: counted tokens then have an unknown price. */
  readonly inputPriced: boolean;
  readonly outputPriced: boolean;
  readonly input: bigint;
  readonly inputAudio: bigint;
  readonly inputImage: bigint;
  readonly cacheRead: bigint;
  readonly cacheWrite: bigint;
  readonly cacheWrite1h: bigint;
  readonly output: bigint;
  readonly outputAudio: bigint;
  readonly outputImage: bigint;
  readonly reasoning: bigint;
  readonly images: readonly ImageRate[];
  readonly pixel: bigint | undefined;
  /** A second's price in thousandths, so that any number of milliseconds is exact. */
  readonly millisecond: bigint | undefined;
  readonly character: bigint | undefined;
  readonly query: bigint | undefined;
  readonly webSearch: bigint | undefined;
  /** Added once to every attempt that was answered. */
  readonly request: bigint | undefined;
}

/** What a picture costs above a number of pixels, and of one quality (see `PriceName`). */
export interface ImageRate {
  readonly abovePixels: number;
  readonly quality: string;
  readonly rate: bigint;
}

export interface ImagePrice {
  readonly abovePixels: number;
  readonly quality: string;
  readonly price: Decimal;
}

/** US dollars for one of each; a missing kind of token costs what its parent kind costs. */
export interface UnitPrices {
  readonly input?: Decimal | undefined;
  readonly output?: Decimal | undefined;
  readonly cacheRead?: Decimal | undefined;
  readonly cacheWrite?: Decimal | undefined;
  readonly cacheWrite1h?: Decimal | undefined;
  readonly reasoning?: Decimal | undefined;
  readonly inputAudio?: Decimal | undefined;
  readonly outputAudio?: Decimal | undefined;
  readonly inputImage?: Decimal | undefined;
  readonly outputImage?: Decimal | undefined;
  readonly pixel?: Decimal | undefined;
  readonly second?: Decimal | undefined;
  readonly character?: Decimal | undefined;
  readonly request?: Decimal | undefined;
  readonly query?: Decimal | undefined;
  readonly webSearch?: Decimal | undefined;
}

const NOTHING: Decimal = { digits: 0n, scale: 0 };
const MILLI_PLACES = 3;

/** Brings prices to one scale, the finest any of them was written in, so that sums stay exact. */
export function createRates(prices: UnitPrices, images: readonly ImagePrice[] = []): Rates {
  const millisecond = prices.second && { digits: prices.second.digits, scale: prices.second.scale + MILLI_PLACES };
  const given: Readonly<Record<string, Decimal | undefined>> = { ...prices };
  const all = [...Object.values(given), ...images.map(({ price }) => price), millisecond];
  const scale = Math.max(0, ...all.map((price) => price?.scale ?? 0));
  const rate = (price: Decimal): bigint => digitsAtScale(price, scale);
  const optional = (price: Decimal | undefined): bigint | undefined => price && rate(price);
  const { input = NOTHING, output = NOTHING } = prices;
  const cacheWrite = prices.cacheWrite ?? input;
  return {
    scale,
    inputPriced: prices.input !== undefined,
    outputPriced: prices.output !== undefined,
    input: rate(input),
    inputAudio: rate(prices.inputAudio ?? input),
    inputImage: rate(prices.inputImage ?? input),
    cacheRead: rate(prices.cacheRead ?? input),
    cacheWrite: rate(cacheWrite),
    cacheWrite1h: rate(prices.cacheWrite1h ?? cacheWrite),
    output: rate(output),
    outputAudio: rate(prices.outputAudio ?? output),
    outputImage: rate(prices.outputImage ?? output),
    reasoning: rate(prices.reasoning ?? output),
    images: images.map(({ price, ...rest }) => ({ ...rest, rate: rate(price) })),
    pixel: optional(prices.pixel),
    millisecond: optional(millisecond),
    character: optional(prices.character),
    query: optional(prices.query),
    webSearch: optional(prices.webSearch),
    request: optional(prices.request),
  };
}
