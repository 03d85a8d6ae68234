import { isRecord } from '../json/record.ts';

type AsksNothing = (value: unknown) => boolean;

/**
 * Fields of Anthropic's API that change how Claude's hosts serve a request and not what is asked: agents send them with every
 * call. Left out for other providers, and named to the client.
 */
const ADVISORY: Readonly<Record<string, AsksNothing>> = {
  cache_control: () => false,
  context_management: (value) => isRecord(value) && Array.isArray(value['edits']) && value['edits'].length === 0,
  diagnostics: () => false,
  fallback_credit_token: () => false,
  fallbacks: (value) => Array.isArray(value) && value.length === 0,
  speed: (value) => value === 'standard',
  betas: (value) => Array.isArray(value) && value.length === 0,
};

/** Fields that ask for something only Claude's hosts have: refused by name, or dropped under `drop_params`. */
const REQUESTED: Readonly<Record<string, AsksNothing>> = {
  billing_policy: (value) => isRecord(value) && value['bill_to'] === 'self',
  compaction: () => false,
  container: () => false,
  inference_geo: () => false,
  mcp_servers: (value) => Array.isArray(value) && value.length === 0,
  thread: () => false,
};

/** `unknown` fields are nobody's: they travel on. */
export function kindOfField(field: string, value: unknown): 'advisory' | 'requested' | 'nothing' | 'unknown' {
  const kind = Object.hasOwn(ADVISORY, field) ? 'advisory' : Object.hasOwn(REQUESTED, field) ? 'requested' : 'unknown';
  if (kind === 'unknown') return kind;
  const asksNothing = ADVISORY[field] ?? REQUESTED[field];
  return value === null || value === undefined || asksNothing?.(value) === true ? 'nothing' : kind;
}

/** Models to try after a refusal: objects with a model, or the word "default". LiteLLM's field of that name is a list of names. */
export function isClaudeFallbacks(value: unknown): boolean {
  return value === 'default' || (Array.isArray(value) && value.length > 0 && value.every((entry) => isRecord(entry) && 'model' in entry));
}
