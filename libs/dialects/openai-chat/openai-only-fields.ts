/**
 * Fields of OpenAI's own API that no other dialect can take, each with the values that ask for nothing: those are what the
 * provider does anyway. `null` always asks for nothing.
 */
const OPENAI_ONLY: Readonly<Record<string, (value: unknown) => boolean>> = {
  n: (value) => value === 1,
  logprobs: (value) => value === false,
  top_logprobs: (value) => value === 0,
  logit_bias: (value) => typeof value === 'object' && value !== null && Object.keys(value).length === 0,
  store: (value) => value === false,
  modalities: (value) => Array.isArray(value) && value.length === 1 && value[0] === 'text',
  audio: () => false,
  prediction: () => false,
  verbosity: (value) => value === 'medium',
  web_search_options: () => false,
  prompt_cache_key: () => false,
  prompt_cache_retention: () => false,
  functions: (value) => Array.isArray(value) && value.length === 0,
  function_call: (value) => value === 'none',
};

export function isOpenaiOnly(field: string): boolean {
  return Object.hasOwn(OPENAI_ONLY, field);
}

/** True when leaving the field out changes nothing. */
export function asksNothing(field: string, value: unknown): boolean {
  return value === null || value === undefined || (OPENAI_ONLY[field]?.(value) ?? false);
}
