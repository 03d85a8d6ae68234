import { digitsAtScale, type Decimal } from './decimal.ts';

/** What each kind of token costs in US dollars, as integers that all count units of `10^-scale` dollars. */
export interface Rates {
  readonly scale: number;
  readonly input: bigint;
  readonly inputAudio: bigint;
  readonly cacheRead: bigint;
  readonly cacheWrite: bigint;
  readonly cacheWrite1h: bigint;
  readonly output: bigint;
  readonly outputAudio: bigint;
  readonly reasoning: bigint;
  /** Added once to every attempt. */
  readonly request: bigint;
}

/** Rates that change when the whole input (cached tokens included) is longer than `above` tokens; ascending. */
export interface RateTable {
  readonly base: Rates;
  readonly tiers: readonly { readonly above: number; readonly rates: Rates }[];
  /** False for models with a price for input alone (embeddings): an attempt with output then has an unknown price. */
  readonly outputPriced: boolean;
}

/** US dollars per token as given; a missing kind costs what its parent kind costs. */
export interface UnitPrices {
  readonly input: Decimal;
  readonly output: Decimal;
  readonly cacheRead?: Decimal | undefined;
  readonly cacheWrite?: Decimal | undefined;
  readonly cacheWrite1h?: Decimal | undefined;
  readonly inputAudio?: Decimal | undefined;
  readonly outputAudio?: Decimal | undefined;
  readonly reasoning?: Decimal | undefined;
  readonly request?: Decimal | undefined;
}

const NOTHING: Decimal = { digits: 0n, scale: 0 };

/** Brings prices to one scale, the finest any of them was written in, so that sums stay exact. */
export function createRates(prices: UnitPrices): Rates {
  const { input, output } = prices;
  const cacheWrite = prices.cacheWrite ?? input;
  const kinds = {
    input,
    inputAudio: prices.inputAudio ?? input,
    cacheRead: prices.cacheRead ?? input,
    cacheWrite,
    cacheWrite1h: prices.cacheWrite1h ?? cacheWrite,
    output,
    outputAudio: prices.outputAudio ?? output,
    reasoning: prices.reasoning ?? output,
    request: prices.request ?? NOTHING,
  };
  const scale = Math.max(...Object.values(kinds).map((price) => price.scale));
  return {
    scale,
    input: digitsAtScale(kinds.input, scale),
    inputAudio: digitsAtScale(kinds.inputAudio, scale),
    cacheRead: digitsAtScale(kinds.cacheRead, scale),
    cacheWrite: digitsAtScale(kinds.cacheWrite, scale),
    cacheWrite1h: digitsAtScale(kinds.cacheWrite1h, scale),
    output: digitsAtScale(kinds.output, scale),
    outputAudio: digitsAtScale(kinds.outputAudio, scale),
    reasoning: digitsAtScale(kinds.reasoning, scale),
    request: digitsAtScale(kinds.request, scale),
  };
}

export function ratesFor(table: RateTable, inputTokens: number): Rates {
  let rates = table.base;
  for (const tier of table.tiers) {
    if (inputTokens <= tier.above) break;
    rates = tier.rates;
  }
  return rates;
}
