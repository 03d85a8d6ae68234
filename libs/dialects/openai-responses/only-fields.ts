/**
 * Members that only this API has, each with the values that ask for nothing: leaving those out changes nothing for a provider of
 * another format. `null` always asks for nothing.
 */
const ONLY_HERE: Readonly<Record<string, (value: unknown) => boolean>> = {
  background: (value) => value === false,
  conversation: () => false,
  context_management: () => false,
  include: (value) => Array.isArray(value) && value.every((entry) => entry !== 'message.output_text.logprobs'),
  // counts calls of hosted tools, and there are none
  max_tool_calls: () => true,
  moderation: () => false,
  previous_response_id: () => false,
  prompt: () => false,
  top_logprobs: (value) => value === 0,
  truncation: (value) => value === 'disabled',
};

/** Members that advise OpenAI's servers and change no answer: dropped, and named in the header that says so. */
const ADVICE: ReadonlySet<string> = new Set([
  'client_metadata',
  'prompt_cache_key',
  'prompt_cache_options',
  'prompt_cache_retention',
  'stream_options',
]);

export function isOnlyHere(field: string): boolean {
  return Object.hasOwn(ONLY_HERE, field);
}

export function isAdvice(field: string): boolean {
  return ADVICE.has(field);
}

export function asksNothing(field: string, value: unknown): boolean {
  return value === undefined || value === null || (ONLY_HERE[field]?.(value) ?? false);
}
