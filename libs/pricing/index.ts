export { parseDecimal, type Decimal } from './decimal.ts';
export { dearest, sumOf } from './dearest.ts';
export { catalogueNames } from './catalogue-names.ts';
export { catalogueContext } from './catalogue-rates.ts';
export { promptCacheSaving } from './prompt-cache-saving.ts';
export { parsePriceFile, type ParsedPriceFile, type PriceFileProblem } from './parse-price-file.ts';
export type { PriceBook } from './price-book.ts';
export { createPricer } from './pricer.ts';
export type { PricedAttempt, PricedDeployment, PriceInput, Pricer, PriceSource } from './pricer.ts';
