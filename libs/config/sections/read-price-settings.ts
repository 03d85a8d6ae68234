import { type PriceSettings, PROVIDER_COST_RULES, type ProviderCostRule } from '../settings/price-settings.ts';
import { PRICES_KEYS } from '../keys/sections.ts';
import type { Reading } from '../reading.ts';
import type { SourceNode } from '../source/source-node.ts';
import { readBoolean, readNumber, readText, wrongKind } from '../values.ts';
import { type Fields, readSection } from './read-section.ts';

const HOUR_MS = 3_600_000;
const MEGABYTE = 1024 * 1024;

/** LiteLLM's price file has about 1.5 MB. */
export const DEFAULT_PRICES: PriceSettings = {
  file: undefined,
  url: undefined,
  urlIntervalMs: 24 * HOUR_MS,
  urlMaxBytes: 10 * MEGABYTE,
  providerCost: 'last',
  costInStreams: false,
};

/** Reads `headrace.prices`, and `include_cost_in_streaming_usage` of `litellm_settings`. */
export function readPriceSettings(node: SourceNode | undefined, litellm: Fields, reading: Reading): PriceSettings {
  const settings = readPrices(node, reading);
  const costInUsage = readBoolean(litellm.get('include_cost_in_streaming_usage'), reading);
  return costInUsage === undefined ? settings : { ...settings, costInUsage };
}

function readPrices(node: SourceNode | undefined, reading: Reading): PriceSettings {
  if (node === undefined) return DEFAULT_PRICES;
  const fields = readSection([node], PRICES_KEYS, reading);
  // an address asked more often than every six minutes is a mistake in the unit
  const hours = readNumber(fields.get('url_hours'), { min: 0.1, unit: 'hours' }, reading);
  const megabytes = readNumber(fields.get('url_max_mb'), { min: 0.001, unit: 'megabytes' }, reading);
  return {
    file: readText(fields.get('file'), reading),
    url: readUrl(fields.get('url'), reading),
    urlIntervalMs: hours === undefined ? DEFAULT_PRICES.urlIntervalMs : Math.round(hours * HOUR_MS),
    urlMaxBytes: megabytes === undefined ? DEFAULT_PRICES.urlMaxBytes : Math.round(megabytes * MEGABYTE),
    providerCost: readProviderCost(fields.get('provider_cost'), reading) ?? DEFAULT_PRICES.providerCost,
    costInStreams: readBoolean(fields.get('cost_in_streams'), reading) ?? DEFAULT_PRICES.costInStreams,
  };
}

/** Whoever can change prices on their way can lift a budget: https only. */
function readUrl(node: SourceNode | undefined, reading: Reading): string | undefined {
  const text = readText(node, reading);
  if (node === undefined || text === undefined) return undefined;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === 'https:' && url.username === '' && url.password === '') return text;
  reading.problem(node, 'must be a URL that begins with https:// and holds no credentials', { hideValue: true });
  return undefined;
}

/** `provider_cost`: `first`, `last` or `never`. */
export function readProviderCost(node: SourceNode | undefined, reading: Reading): ProviderCostRule | undefined {
  const text = readText(node, reading);
  if (node === undefined || text === undefined) return undefined;
  const rule = PROVIDER_COST_RULES.find((known) => known === text);
  if (rule === undefined) wrongKind(node, `one of ${PROVIDER_COST_RULES.join(', ')}`, reading);
  return rule;
}
