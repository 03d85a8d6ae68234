import { isRecord } from '../json/record.ts';

/** Two spellings of one limit: a default for one must not meet the client's other. */
const TOKEN_LIMITS: readonly string[] = ['max_tokens', 'max_completion_tokens'];

/** The deployment's defaults that apply: those whose field the client did not set. `extra_body` is spread, as SDKs do. */
export function applicableDefaults(has: (field: string) => boolean, defaults: Readonly<Record<string, unknown>>): [string, unknown][] {
  const { extra_body: extraBody, ...fields } = defaults;
  const all = { ...fields, ...(isRecord(extraBody) ? extraBody : {}) };
  const hasTokenLimit = TOKEN_LIMITS.some(has);
  return Object.entries(all).filter(
    ([field, value]) => value !== undefined && !has(field) && !(hasTokenLimit && TOKEN_LIMITS.includes(field)),
  );
}
