import type { Instructions } from './instructions.ts';

/** The models a client is shown; patterns of `modelInstructions` come on top. */
export const LISTED_MODELS = [
  'echo',
  'tools',
  'json',
  'slow',
  'instant',
  'hang',
  'error-401',
  'error-429',
  'error-500',
  'error-503',
  'error-529',
  'truncate-50',
  'embed',
  'image',
  'speech',
  'transcribe',
  'moderate',
  'rerank',
] as const;

/** What the name of a model alone asks for: undefined for a model there is not. */
export function modelInstructions(model: string): Instructions | undefined {
  return FIXED.get(model) ?? patterned(model);
}

const FIXED: ReadonlyMap<string, Instructions> = new Map<string, Instructions>([
  ['echo', {}],
  ['tools', {}],
  ['json', {}],
  ['instant', { text: 'ok' }],
  ['slow', { first_token_ms: 2_000, tokens_per_second: 10 }],
  ['hang', { fail: { kind: 'stall' } }],
]);

function patterned(model: string): Instructions | undefined {
  const status = /^error-([45]\d\d)$/.exec(model)?.[1];
  if (status !== undefined) return { status: Number(status) };
  const tokens = /^truncate-(\d{1,6})$/.exec(model)?.[1];
  if (tokens !== undefined) return { tokens: Number(tokens) + 50, fail: { kind: 'close', after_tokens: Number(tokens) } };
  return undefined;
}
