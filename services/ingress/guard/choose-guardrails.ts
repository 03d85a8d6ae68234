import type { GuardrailsSettings } from '#config';
import { GatewayError } from '#contracts';
import { compileGuardrails, type Guardrail } from '#guardrails';
import type { Caller } from '../auth/caller.ts';

type Fields = Readonly<Record<string, unknown>>;

/**
 * The guardrails of a request, in the configuration's order: those that are on by default, and those that its key, its team and itself name. Throws
 * 400 for a name that nobody has configured, 403 where it switches off what its key may not.
 */
export function chooseGuardrails(
  settings: GuardrailsSettings | undefined,
  { principal, scopes }: Caller,
  fields: Fields,
): readonly Guardrail[] {
  const asked = askedNames(fields);
  const key = principal.kind === 'key' ? principal.record : undefined;
  const ofCaller = [...(key?.guardrails ?? []), ...(scopes.team?.guardrails ?? [])];
  if (settings === undefined) {
    requireKnown([...ofCaller, ...asked], new Map());
    return NONE;
  }
  const { list, byName } = compileGuardrails(settings);
  requireKnown([...ofCaller, ...asked], byName);
  const names = new Set([...ofCaller, ...asked]);
  const isOff =
    key?.guardrailsOff === true ||
    scopes.team?.guardrailsOff === true ||
    isSwitchedOff(fields, key?.mayModifyGuardrails ?? key === undefined, settings);
  const chosen = list.filter((one) => names.has(one.settings.name) || (one.settings.defaultOn && !isOff));
  return chosen.length === 0 ? NONE : chosen;
}

const NONE: readonly Guardrail[] = [];

function requireKnown(names: readonly string[], known: ReadonlyMap<string, unknown>): void {
  const unknown = names.find((name) => !known.has(name));
  if (unknown === undefined) return;
  const there = known.size === 0 ? 'none is configured' : `there are ${[...known.keys()].join(', ')}`;
  throw new GatewayError('invalid_request', `There is no guardrail called '${unknown.slice(0, 64)}' here: ${there}.`, {
    param: 'guardrails',
  });
}

/** `guardrails` in the body or in its `metadata`: names, or LiteLLM's mappings of a name to parameters, whose parameters are not taken. */
function askedNames(fields: Fields): readonly string[] {
  const { metadata } = fields;
  const own = fields['guardrails'] ?? (isRecord(metadata) ? metadata['guardrails'] : undefined);
  if (own === undefined || own === null) return [];
  if (!Array.isArray(own)) throw wrong();
  return own.flatMap((item: unknown) => {
    if (typeof item === 'string') return [item];
    if (isRecord(item)) return Object.keys(item);
    throw wrong();
  });
}

function wrong(): GatewayError {
  return new GatewayError('invalid_request', "'guardrails' must be a list of names of guardrails.", { param: 'guardrails' });
}

function isSwitchedOff(fields: Fields, isPermitted: boolean, settings: GuardrailsSettings): boolean {
  const { disable_global_guardrails: own, metadata } = fields;
  const off = own ?? (isRecord(metadata) ? metadata['disable_global_guardrails'] : undefined);
  if (off !== true) return false;
  if (isPermitted || settings.mayBeSwitchedOff) return true;
  throw new GatewayError('route_access_denied', "This key may not switch guardrails off: leave 'disable_global_guardrails' out.", {
    param: 'disable_global_guardrails',
  });
}

function isRecord(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
