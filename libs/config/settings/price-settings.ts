/** US dollars per token, decimal text as written. `cost_per_token` sets input and output alike. */
export interface PriceOverride {
  readonly inputUsd: string;
  readonly outputUsd: string;
  readonly cacheReadUsd: string | undefined;
  readonly cacheWriteUsd: string | undefined;
  readonly cacheWrite1hUsd: string | undefined;
  /** All further prices, US dollars by LiteLLM's names (`price-name.ts`): media, requests, tiers by length and by service. */
  readonly further?: Readonly<Record<string, string>> | undefined;
  /** `web_search_billing_unit: per_prompt`: however often a model searched, an answer pays for one search. */
  readonly searchPerPrompt?: boolean | undefined;
}

/** Some providers state what a call cost (`usage.cost`): taken before all prices but the file's own, after them, or not at all. */
export const PROVIDER_COST_RULES = ['first', 'last', 'never'] as const;
export type ProviderCostRule = (typeof PROVIDER_COST_RULES)[number];

/** `headrace.prices`: where prices come from beside this file and the built-in catalogue. */
export interface PriceSettings {
  /** Path of a price file, relative to the configuration's folder. */
  readonly file: string | undefined;
  /** https address of a price file. */
  readonly url: string | undefined;
  readonly urlIntervalMs: number;
  /** At most so many bytes are taken from `url`. */
  readonly urlMaxBytes: number;
  readonly providerCost: ProviderCostRule;
  /** Streams end with their cost in a comment of the event stream. */
  readonly costInStreams: boolean;
  /** The usage that a stream ends with has its cost: `usage.cost`, US dollars as a number, as LiteLLM writes it. */
  readonly costInUsage?: boolean | undefined;
}
