import type { IncomingHttpHeaders } from 'node:http';
import {
  type CacheControls,
  type CacheScopeName,
  type KeyedRequest,
  readCacheControls,
  requestHash,
  requireAllowedControls,
  scopeToken,
} from '#cache';
import type { CacheSettings } from '#config';
import type { Caller } from '../auth/caller.ts';
import { ownerOf } from '../auth/owner-of.ts';
import { passedHeaders } from '../chat/passed-headers.ts';
import type { ClientCall } from '../chat/read-request.ts';
import type { IngressResources } from '../resources.ts';
import { groupIdentity } from './group-identity.ts';

/** What a request asks of the cache: the entry that would answer it, and what may be done with it. */
export interface CacheQuestion {
  readonly controls: CacheControls;
  readonly settings: CacheSettings;
  /** Who shares its answer. A subject token. */
  readonly scope: string;
  /** The key that asks: what it stores is its own. */
  readonly owner: string;
  readonly hash: string;
  readonly request: KeyedRequest;
  readonly form: AnswerForm;
}

/** How the client wants its answer. */
export interface AnswerForm {
  readonly isStream: boolean;
  readonly hasUsage: boolean;
}

export interface AskedCall {
  readonly call: ClientCall;
  readonly caller: Caller;
  /** The model group after aliases. */
  readonly model: string;
  readonly headers: IncomingHttpHeaders;
}

type Resources = Pick<IngressResources, 'config' | 'models'>;

/** Undefined for a request that has nothing to do with the cache, as every one where it is off. Throws `invalid_request` for bad controls, `route_access_denied` for those that the caller may not use. */
export function cacheQuestion(asked: AskedCall, { config, models }: Resources): CacheQuestion | undefined {
  const settings = config.cache;
  if (settings === undefined) return undefined;
  const { call, caller, headers } = asked;
  if (call.uploadRef !== undefined || !settings.dialects.includes(call.dialect)) return undefined;
  // what was hidden from the provider is put back into the answer: others who hide something else ask the same
  if (call.guard?.hidden !== undefined) return undefined;
  requireAllowedControls(call.fields, [
    caller.principal.kind === 'key' ? caller.principal.record.cacheControls : undefined,
    caller.scopes.team?.cacheControls,
  ]);
  const controls = readCacheControls(call.fields, settings.byDefault);
  const match = controls && models.resolve(asked.model);
  if (controls === undefined || match === undefined) return undefined;
  const form = formOf(call);
  const identity = groupIdentity(match);
  const request: KeyedRequest = {
    dialect: call.dialect,
    fields: call.fields,
    model: call.model,
    group: identity.text,
    setElsewhere: identity.setElsewhere,
    variant: variantOf(headers, config.routing.tagFiltering === undefined ? undefined : caller.by.tags, call.guard?.names),
    form: isConvertible(call) ? undefined : JSON.stringify(form),
  };
  const scope = scopeToken(scopeOf(caller, settings, controls.namespace));
  return { controls, settings, scope, owner: ownerOf(caller.principal), hash: requestHash(request), request, form };
}

/** A key without a team shares with nobody. */
function scopeOf({ principal, by }: Caller, { scope, namespace: usual }: CacheSettings, own: string | undefined): CacheScopeName {
  const namespace = own ?? usual;
  if (scope === 'gateway') return { kind: 'gateway', member: '', namespace };
  if (scope === 'team' && by.teamId !== undefined) return { kind: 'team', member: by.teamId, namespace };
  return { kind: 'key', member: ownerOf(principal), namespace };
}

/** Headers for the provider, tags where they choose who answers, and the guardrails that look at the answer. */
function variantOf(
  headers: IncomingHttpHeaders,
  tags: readonly string[] | undefined,
  guardrails: readonly string[] | undefined,
): string | undefined {
  const passed = passedHeaders(headers);
  const parts = Object.keys(passed)
    .sort()
    .map((name) => [name, passed[name]]);
  if (parts.length === 0 && tags === undefined && guardrails === undefined) return undefined;
  return JSON.stringify([parts, tags?.toSorted(), guardrails?.toSorted()]);
}

function formOf({ dialect, stream, fields }: ClientCall): AnswerForm {
  if (!stream) return { isStream: false, hasUsage: true };
  const options = fields['stream_options'];
  const asks = typeof options === 'object' && options !== null && 'include_usage' in options && options.include_usage === true;
  return { isStream: true, hasUsage: asks || (dialect !== 'openai-chat' && dialect !== 'openai-completions') };
}

/** Formats that are read back, and nothing in the answer that is lost on the way. */
function isConvertible({ dialect, fields, asArray }: ClientCall): boolean {
  if (asArray === true || !CONVERTIBLE.has(dialect)) return false;
  const { n, logprobs, top_logprobs: topLogprobs, audio, web_search_options: search } = fields;
  return (n === undefined || n === null || n === 1) && !logprobs && !topLogprobs && !audio && !search;
}

const CONVERTIBLE: ReadonlySet<string> = new Set(['openai-chat', 'openai-responses', 'anthropic-messages', 'gemini-generate']);
