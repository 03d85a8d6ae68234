import type { AccessSettings } from '#config';
import { GatewayError } from '#contracts';
import type { ClientCall } from '../chat/read-request.ts';
import type { Caller } from './caller.ts';

export interface ParamRules {
  readonly caller: Pick<Caller, 'principal'> & { readonly by?: Pick<Caller['by'], 'endUser'> };
  readonly call: Pick<ClientCall, 'dialect' | 'fields'>;
  /** What the configuration wants of all requests. */
  readonly access: Pick<AccessSettings, 'enforceUser' | 'enforcedParams'> | undefined;
}

/**
 * Throws 400 `invalid_request` naming the first field that requests must have and this one lacks, by the configuration
 * (`enforce_user_param`, `enforced_params`) or by its key; `metadata.team` is a path.
 */
export function requireParams({ caller, call, access }: ParamRules): void {
  const ofKey = caller.principal.kind === 'key' ? caller.principal.record.enforcedParams : undefined;
  if (access === undefined && ofKey === undefined) return;
  if (access?.enforceUser === true && caller.by?.endUser === undefined && !isCount(call)) throw missing('user', USER_HELP);
  const ofAll = access?.enforcedParams.find((path) => isMissing(call.fields, path));
  if (ofAll !== undefined) throw missing(ofAll, `Requests must have the field '${ofAll}'.`);
  const own = ofKey?.find((path) => isMissing(call.fields, path));
  if (own !== undefined) throw missing(own, `Requests with this key must have the field '${own}'.`);
}

const USER_HELP =
  "Requests must name their end user ('enforce_user_param'): send 'user', in Anthropic's format metadata.user_id, or the header x-litellm-end-user-id.";

/** Costs nothing and answers nobody. */
function isCount({ dialect }: ParamRules['call']): boolean {
  return dialect === 'anthropic-count-tokens' || dialect === 'gemini-count-tokens';
}

function missing(param: string, message: string): GatewayError {
  return new GatewayError('invalid_request', message, { param });
}

function isMissing(fields: Readonly<Record<string, unknown>>, path: string): boolean {
  let value: unknown = fields;
  for (const name of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return true;
    value = (value as Readonly<Record<string, unknown>>)[name];
  }
  return value === undefined || value === null || value === '';
}
