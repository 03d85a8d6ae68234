/**
 * What a price is for. Tokens first; `image` is a picture made, `pixel` one of its dots, `second` one of sound, `character` one read
 * aloud, `request` any attempt with an answer, `query` a unit of reranking, `webSearch` a search that a model made.
 */
export const PRICE_KINDS = [
  'input',
  'output',
  'cacheRead',
  'cacheWrite',
  'cacheWrite1h',
  'reasoning',
  'inputAudio',
  'outputAudio',
  'inputImage',
  'outputImage',
  'image',
  'pixel',
  'second',
  'character',
  'request',
  'query',
  'webSearch',
] as const;
export type PriceKind = (typeof PRICE_KINDS)[number];

/** LiteLLM's name of a price, taken apart. */
export interface PriceName {
  readonly kind: PriceKind;
  /** Holds for inputs of more tokens than this. */
  readonly aboveTokens: number;
  /** `flex`, `priority`, `batch` …; empty for the usual service. */
  readonly tier: string;
  /** Of a picture: holds above this many pixels, and for one quality only: `low`, `medium`, `high` …, or `premium` for the better ones. */
  readonly abovePixels: number;
  readonly quality: string;
}

/**
 * LiteLLM's names, as its price file and `litellm_params` have them, and the short ones beside `cost_per_token`. Several names for one
 * kind exist because LiteLLM's file says "input" or "output" for the same thing in different entries; the dearest counts.
 */
const KIND_OF_NAME: Readonly<Record<string, PriceKind>> = {
  input_cost_per_token: 'input',
  output_cost_per_token: 'output',
  cache_read_input_token_cost: 'cacheRead',
  cache_creation_input_token_cost: 'cacheWrite',
  cache_creation_input_token_cost_above_1hr: 'cacheWrite1h',
  output_cost_per_reasoning_token: 'reasoning',
  input_cost_per_audio_token: 'inputAudio',
  output_cost_per_audio_token: 'outputAudio',
  input_cost_per_image_token: 'inputImage',
  output_cost_per_image_token: 'outputImage',
  input_cost_per_image: 'image',
  output_cost_per_image: 'image',
  cost_per_image: 'image',
  input_cost_per_pixel: 'pixel',
  output_cost_per_pixel: 'pixel',
  input_cost_per_second: 'second',
  output_cost_per_second: 'second',
  input_cost_per_audio_per_second: 'second',
  output_cost_per_audio_per_second: 'second',
  cost_per_second: 'second',
  input_cost_per_character: 'character',
  output_cost_per_character: 'character',
  cost_per_character: 'character',
  input_cost_per_request: 'request',
  output_cost_per_request: 'request',
  cost_per_request: 'request',
  input_cost_per_query: 'query',
  cost_per_query: 'query',
  web_search_cost_per_query: 'webSearch',
  web_search_cost_per_call: 'webSearch',
};

export const PRICE_NAMES: readonly string[] = Object.keys(KIND_OF_NAME);

const TIERS: Readonly<Record<string, string>> = {
  priority: 'priority',
  flex: 'flex',
  batches: 'batch',
  fast: 'fast',
  ultrafast: 'ultrafast',
};
const ABOVE_TOKENS = /_above_(\d{1,7})(k?)_tokens/;
const TIER = new RegExp(`_(${Object.keys(TIERS).join('|')})$`);
const IMAGE = /^output_cost_per_image(?:_above_(\d{1,5})_and_(\d{1,5})_pixels)?(_and_premium_image|_premium_image|_(?:[a-z]+)_quality)?$/;

/** Undefined for a name that is no price, or one for what is not counted here (video, pages). */
export function parsePriceName(name: string): PriceName | undefined {
  const { base, aboveTokens, tier } = splitSuffixes(name);
  const kind = Object.hasOwn(KIND_OF_NAME, base) ? KIND_OF_NAME[base] : undefined;
  if (kind !== undefined) return { kind, aboveTokens, tier, abovePixels: 0, quality: '' };
  const image = IMAGE.exec(base);
  if (image === null) return undefined;
  const abovePixels = Number(image[1] ?? 0) * Number(image[2] ?? 0);
  return { kind: 'image', aboveTokens, tier, abovePixels, quality: qualityOf(image[3]) };
}

function qualityOf(suffix: string | undefined): string {
  if (suffix === undefined) return '';
  return suffix.endsWith('_premium_image') ? 'premium' : suffix.slice(1, -'_quality'.length);
}

/** The end of the name (`_above_200k_tokens`, `_priority`, both in either order) taken off. */
export function splitSuffixes(name: string): { readonly base: string; readonly aboveTokens: number; readonly tier: string } {
  const above = ABOVE_TOKENS.exec(name);
  const rest = above === null ? name : name.replace(above[0], '');
  const tier = TIER.exec(rest);
  return {
    base: tier === null ? rest : rest.slice(0, tier.index),
    aboveTokens: above === null ? 0 : Number(above[1]) * (above[2] === 'k' ? 1_000 : 1),
    tier: TIERS[tier?.[1] ?? ''] ?? '',
  };
}

/** Counted per token and therefore tiny: a mistaken price per million stands out. */
export function isPerToken({ kind }: PriceName): boolean {
  return PRICE_KINDS.indexOf(kind) < PRICE_KINDS.indexOf('image');
}
