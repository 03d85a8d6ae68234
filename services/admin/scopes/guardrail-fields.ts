import { z } from 'zod';
import type { KeyRecord } from '#contracts';
import { type Caller, denied, isAdmin } from '../auth/caller.ts';
import { names } from './field-schemas.ts';

/** What a key or team says of guardrails, by LiteLLM's names. Kept in `metadata`, where LiteLLM keeps it. */
export const guardrailShape = {
  guardrails: names.nullish().describe('Guardrails that run for all of its requests'),
  disable_global_guardrails: z.boolean().nullish().describe('Those that are on by default do not run'),
} as const;

type Metadata = Readonly<Record<string, unknown>>;

/**
 * Whoever is no administrator may put guardrails on, and neither take them off nor permit it. `after` is undefined where the metadata stays. Throws
 * `denied`.
 */
export function requireGuardrailRights(caller: Caller, before: Metadata, after: Metadata | undefined): void {
  if (after === undefined || isAdmin(caller)) return;
  const was = guardrailsOf(before);
  const is = guardrailsOf(after);
  if (was.guardrails?.some((name) => is.guardrails?.includes(name) !== true) === true) {
    throw denied('guardrails: only an administrator takes guardrails off.', 'guardrails');
  }
  if (is.guardrailsOff === true && was.guardrailsOff !== true) {
    throw denied('disable_global_guardrails: only an administrator switches guardrails off.', 'disable_global_guardrails');
  }
  if (after['allow_modify_guardrails'] === true && before['allow_modify_guardrails'] !== true) {
    throw denied('metadata.allow_modify_guardrails: only an administrator permits this.', 'metadata');
  }
}

/** What admission needs of it; nothing where it says nothing. */
export function guardrailsOf(metadata: Metadata): Pick<KeyRecord, 'guardrails' | 'guardrailsOff'> {
  const { guardrails, disable_global_guardrails: off } = metadata;
  const listed = Array.isArray(guardrails) ? guardrails.filter((name) => typeof name === 'string') : [];
  return { ...(listed.length === 0 ? {} : { guardrails: listed }), ...(off === true ? { guardrailsOff: true } : {}) };
}
