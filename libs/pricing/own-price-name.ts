/** Our own file's names: prices per million tokens as price lists print them, and one of each of the rest. */
const PER_MILLION: Readonly<Record<string, string>> = {
  input: 'input_cost_per_token',
  output: 'output_cost_per_token',
  cache_read: 'cache_read_input_token_cost',
  cache_write: 'cache_creation_input_token_cost',
  cache_write_1h: 'cache_creation_input_token_cost_above_1hr',
  reasoning: 'output_cost_per_reasoning_token',
  input_audio: 'input_cost_per_audio_token',
  output_audio: 'output_cost_per_audio_token',
  input_image: 'input_cost_per_image_token',
  output_image: 'output_cost_per_image_token',
};

const PER_UNIT: Readonly<Record<string, string>> = {
  per_image: 'cost_per_image',
  per_second: 'cost_per_second',
  per_character: 'cost_per_character',
  per_request: 'cost_per_request',
  per_query: 'cost_per_query',
  per_web_search: 'web_search_cost_per_query',
};

const OWN_NAME = /^(\w+)_per_million(_above_\d+k?_tokens)?(_(?:priority|flex|batches))?$/;
const MILLION_EXPONENT = 6;

/** `input_per_million_above_200k_tokens` as LiteLLM's name and the power of ten that its price is divided by. */
export function ownPriceName(key: string): { readonly name: string; readonly perExponent: number } | undefined {
  const unit = Object.hasOwn(PER_UNIT, key) ? PER_UNIT[key] : undefined;
  if (unit !== undefined) return { name: unit, perExponent: 0 };
  const match = OWN_NAME.exec(key);
  const kind = match?.[1] ?? '';
  const base = Object.hasOwn(PER_MILLION, kind) ? PER_MILLION[kind] : undefined;
  return base === undefined ? undefined : { name: `${base}${match?.[2] ?? ''}${match?.[3] ?? ''}`, perExponent: MILLION_EXPONENT };
}
