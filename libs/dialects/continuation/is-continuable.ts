import type { DecodedRequest } from '../dialect-codec.ts';

/** Members of a request that give its answer a shape that can't be gone on with: several choices, probabilities, sound. */
const SHAPING: ReadonlySet<string> = new Set([
  'n',
  'best_of',
  'echo',
  'suffix',
  'logprobs',
  'top_logprobs',
  'modalities',
  'audio',
  'functions',
  'function_call',
  'web_search_options',
  'include',
  'candidateCount',
  'candidate_count',
  'responseLogprobs',
  'responseModalities',
]);

/**
 * Whether the answer to a request can be gone on with by another model: plain text, one of it, perhaps with calls of functions, which
 * end it. JSON is none: half of an object is no beginning that a model can be trusted with. Tools that the provider runs itself show
 * more than text.
 */
export function isContinuable({ request, dropped = [] }: DecodedRequest): boolean {
  if (request.outputFormat !== undefined) return false;
  if (request.tools.some((tool) => tool.type === 'opaque')) return false;
  if (request.toolChoice?.type === 'required' || request.toolChoice?.type === 'named') return false;
  return !dropped.some((field) => SHAPING.has(field)) && !Object.keys(request.extra).some((field) => SHAPING.has(field));
}
