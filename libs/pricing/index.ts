export { parseDecimal, type Decimal } from './decimal.ts';
export { createPricer } from './pricer.ts';
export type { PricedAttempt, PricedDeployment, PriceInput, Pricer, PriceSource } from './pricer.ts';
