import { LRUCache } from 'lru-cache';
import type { PriceOverride, ProviderCostRule } from '#config';
import type { CostBreakdown, TokenUsage } from '#contracts';
import { catalogueNames } from './catalogue-names.ts';
import { catalogueEntry } from './catalogue-rates.ts';
import { costOfUsage } from './cost-of-usage.ts';
import { parseDecimal } from './decimal.ts';
import type { BookQuery, PriceBook } from './price-book.ts';
import { overrideSheet } from './price-sheet.ts';
import { createRateTable, type RateTable, type TierMultipliers } from './rate-table.ts';
import { statedCost } from './stated-cost.ts';

/** What of a deployment decides its price. */
export interface PricedDeployment {
  /** The operator's own prices: they win over everything. */
  readonly prices: PriceOverride | undefined;
  /** The provider's id in the price catalogue; undefined when the catalogue doesn't have it. */
  readonly pricesAs: string | undefined;
  /** The provider's id, and its other names, in price files. */
  readonly provider?: string | undefined;
  readonly providerAliases?: readonly string[] | undefined;
  /** The model name sent to the provider. */
  readonly upstreamModel: string;
  /** The name to look the price up by instead, `gpt-4o` or `azure/gpt-4o`. */
  readonly baseModel: string | undefined;
  /** What the provider takes of its usual price for tokens in a tier of service, decimal text. */
  readonly tierMultipliers?: Readonly<Record<string, string>> | undefined;
  /** Unset: as the pricer was told. */
  readonly providerCost?: ProviderCostRule | undefined;
}

export type PriceSource = 'config' | 'file' | 'catalogue' | 'provider' | 'unknown';

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
  /** The provider answered: a price per request is due even where nothing was counted. */
  readonly answered?: boolean | undefined;
}

export interface Pricer {
  /** Never throws for any usage or model name. */
  price(input: PriceInput): PricedAttempt;
  /** Where the price of a deployment would come from, before any answer. */
  source(deployment: PricedDeployment, at: Date): PriceSource;
}

export interface PricerOptions {
  /** Catalogue and file look-ups that are kept, 2,000 by default. */
  readonly cacheSize?: number | undefined;
  /** The price files as they are now, the first that knows a model counts. Asked for every attempt: return the same list until it changes. */
  readonly books?: (() => readonly PriceBook[]) | undefined;
  /** `last` by default. */
  readonly providerCost?: ProviderCostRule | undefined;
}

interface Found {
  readonly table: RateTable | undefined;
  readonly source: 'file' | 'catalogue';
  readonly books: readonly PriceBook[];
  /** Unix milliseconds in which it holds. */
  readonly from: number;
  readonly until: number;
}

const NO_BOOKS: readonly PriceBook[] = [];

/** Prices attempts exactly: by the configuration, else a price file, else the catalogue, else what the provider states. */
export function createPricer(options: PricerOptions = {}): Pricer {
  const found = new LRUCache<string, Found>({ max: options.cacheSize ?? 2_000 });
  const overrides = new WeakMap<PriceOverride, RateTable>();
  const booksNow = options.books ?? (() => NO_BOOKS);

  function overrideTable(prices: PriceOverride): RateTable {
    const known = overrides.get(prices);
    if (known !== undefined) return known;
    const table = createRateTable(overrideSheet(prices));
    overrides.set(prices, table);
    return table;
  }

  function findTable(deployment: PricedDeployment, at: Date, usage?: TokenUsage): Found {
    const key = keyOf(deployment, usage);
    const now = at.getTime();
    const books = booksNow();
    const known = found.get(key);
    if (known !== undefined && known.books === books && known.from <= now && now < known.until) return known;
    const fresh = { ...lookUp(deployment, { at, books, usage }), books };
    found.set(key, fresh);
    return fresh;
  }

  return {
    price({ deployment, usage, at, answered }) {
      if (deployment.prices !== undefined) return priced(costOfUsage(usage, overrideTable(deployment.prices), { answered }), 'config');
      const rule = deployment.providerCost ?? options.providerCost ?? 'last';
      const stated = rule === 'never' || usage.statedCostUsd === undefined ? undefined : statedCost(usage);
      if (rule === 'first' && stated !== undefined) return priced(stated, 'provider');
      const { table, source } = findTable(deployment, at, usage);
      const cost = table && costOfUsage(usage, table, { answered });
      return cost === undefined ? priced(stated, 'provider') : { cost, source };
    },
    source(deployment, at) {
      if (deployment.prices !== undefined) return 'config';
      const { table, source } = findTable(deployment, at);
      return table === undefined ? 'unknown' : source;
    },
  };
}

const UNKNOWN: PricedAttempt = { cost: undefined, source: 'unknown' };

function priced(cost: CostBreakdown | undefined, source: PriceSource): PricedAttempt {
  return cost === undefined ? UNKNOWN : { cost, source };
}

function keyOf(deployment: PricedDeployment, usage: TokenUsage | undefined): string {
  const { provider, pricesAs, baseModel, upstreamModel } = deployment;
  const image = usage?.images === undefined ? '' : `${usage.imageSize ?? ''}\n${usage.imageQuality ?? ''}`;
  return `${provider ?? ''}\n${pricesAs ?? ''}\n${baseModel ?? ''}\n${upstreamModel}\n${image}`;
}

interface LookUp {
  readonly at: Date;
  readonly books: readonly PriceBook[];
  readonly usage: TokenUsage | undefined;
}

function lookUp(deployment: PricedDeployment, { at, books, usage }: LookUp): Omit<Found, 'books'> {
  const multipliers = multipliersOf(deployment);
  const query = { ...bookQuery(deployment, usage), multipliers };
  for (const book of books) {
    const table = book.find(query);
    if (table !== undefined) return { table, source: 'file', from: Number.NEGATIVE_INFINITY, until: Number.POSITIVE_INFINITY };
  }
  return { ...catalogueEntry(catalogueNames(deployment), at, multipliers), source: 'catalogue' };
}

function bookQuery(deployment: PricedDeployment, usage: TokenUsage | undefined): BookQuery {
  const { provider, providerAliases = [], upstreamModel, baseModel } = deployment;
  const pictures = usage?.images === undefined ? {} : { imageSize: usage.imageSize, imageQuality: usage.imageQuality };
  return { providers: provider === undefined ? [] : [provider, ...providerAliases], model: upstreamModel, baseModel, ...pictures };
}

function multipliersOf({ tierMultipliers = {} }: PricedDeployment): TierMultipliers {
  return Object.fromEntries(Object.entries(tierMultipliers).map(([tier, text]) => [tier, parseDecimal(text)]));
}
