import type { KeyRecord } from '#contracts';

/** What a key's or team's `metadata` says of guardrails, as LiteLLM keeps it there; nothing where it says nothing. */
export function guardrailsOf(metadata: Readonly<Record<string, unknown>>): Pick<KeyRecord, 'guardrails' | 'guardrailsOff'> {
  const { guardrails, disable_global_guardrails: off } = metadata;
  const names = Array.isArray(guardrails) ? guardrails.filter((name) => typeof name === 'string') : [];
  return { ...(names.length === 0 ? {} : { guardrails: names }), ...(off === true ? { guardrailsOff: true } : {}) };
}
