import { LRUCache } from 'lru-cache';
import type { PriceOverride } from '#config';
import type { CostBreakdown, TokenUsage } from '#contracts';
import { catalogueEntry, type CatalogueEntry, type CatalogueName } from './catalogue-rates.ts';
import { configRates } from './config-rates.ts';
import { costOfUsage } from './cost-of-usage.ts';
import type { RateTable } from './rates.ts';

/** What of a deployment decides its price. */
export interface PricedDeployment {
  /** The operator's own prices: they win over the catalogue. */
  readonly prices: PriceOverride | undefined;
  /** The provider's id in the price catalogue; undefined when the catalogue doesn't have it. */
  readonly pricesAs: string | undefined;
  /** The model name sent to the provider. */
  readonly upstreamModel: string;
  /** The name to look the price up by instead, `gpt-4o` or `azure/gpt-4o`. */
  readonly baseModel: string | undefined;
}

export type PriceSource = 'config' | 'catalogue' | 'unknown';

export interface PricedAttempt {
  /** Undefined exactly when the source is `unknown`: an unknown price is never shown as zero. */
  readonly cost: CostBreakdown | undefined;
  readonly source: PriceSource;
}

export interface PriceInput {
  readonly deployment: PricedDeployment;
  readonly usage: TokenUsage;
  /** When the attempt ran: prices change by date and by time of day. */
  readonly at: Date;
}

export interface Pricer {
  /** Never throws for any usage or model name. */
  price(input: PriceInput): PricedAttempt;
  /** Where the price of a deployment would come from. */
  source(deployment: PricedDeployment, at: Date): PriceSource;
}

/** Prices attempts exactly. Keeps the last `cacheSize` catalogue look-ups (default 2,000 models). */
export function createPricer(options: { cacheSize?: number } = {}): Pricer {
  const entries = new LRUCache<string, CatalogueEntry>({ max: options.cacheSize ?? 2_000 });
  const overrides = new WeakMap<PriceOverride, RateTable>();

  function overrideTable(prices: PriceOverride): RateTable {
    const known = overrides.get(prices);
    if (known !== undefined) return known;
    const table = configRates(prices);
    overrides.set(prices, table);
    return table;
  }

  function catalogueTable(deployment: PricedDeployment, at: Date): RateTable | undefined {
    const key = `${deployment.pricesAs ?? ''}\n${deployment.baseModel ?? ''}\n${deployment.upstreamModel}`;
    const now = at.getTime();
    const known = entries.get(key);
    if (known !== undefined && known.from <= now && now < known.until) return known.table;
    const entry = catalogueEntry(catalogueNames(deployment), at);
    entries.set(key, entry);
    return entry.table;
  }

  return {
    price({ deployment, usage, at }) {
      if (deployment.prices !== undefined) return { cost: costOfUsage(usage, overrideTable(deployment.prices)), source: 'config' };
      const table = catalogueTable(deployment, at);
      if (table === undefined || (!table.outputPriced && usage.outputTokens > 0)) return UNKNOWN;
      return { cost: costOfUsage(usage, table), source: 'catalogue' };
    },
    source(deployment, at) {
      if (deployment.prices !== undefined) return 'config';
      return catalogueTable(deployment, at) === undefined ? 'unknown' : 'catalogue';
    },
  };
}

const UNKNOWN: PricedAttempt = { cost: undefined, source: 'unknown' };

/**
 * A `base_model` may name its provider itself (`azure/gpt-4o`). Without one the catalogue is asked only for the deployment's own
 * provider: the same model name at another host has another price.
 */
function catalogueNames(deployment: PricedDeployment): readonly CatalogueName[] {
  const { pricesAs, baseModel, upstreamModel } = deployment;
  if (baseModel === undefined) return pricesAs === undefined ? [] : [{ provider: pricesAs, model: upstreamModel }];
  const names: CatalogueName[] = pricesAs === undefined ? [] : [{ provider: pricesAs, model: baseModel }];
  const slash = baseModel.indexOf('/');
  if (slash > 0) names.push({ provider: baseModel.slice(0, slash), model: baseModel.slice(slash + 1) });
  names.push({ provider: undefined, model: baseModel.slice(slash + 1) });
  return names;
}
