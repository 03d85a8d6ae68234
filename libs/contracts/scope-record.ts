import type { Limits } from './limits.ts';
import { type Scope, SCOPE_KINDS } from './scope.ts';

/**
 * A team, user, organization, end user, tag, team member as admission needs it, in the bucket `scopes` under `scopeEntry`.
 * Written by admin only; no entry means that nothing is known of it and nothing is limited. Virtual keys are in the bucket `keys`.
 */
export interface ScopeRecord extends Scope {
  readonly v: 1;
  readonly alias?: string | undefined;
  readonly blocked?: boolean | undefined;
  /** Model names, `provider/*` wildcards, access groups; empty or absent: all. */
  readonly models?: readonly string[] | undefined;
  /** Public name → model group. */
  readonly aliases?: Readonly<Record<string, string>> | undefined;
  readonly limits?: Limits | undefined;
  /** Of a team or user: the organization it belongs to. */
  readonly organizationId?: string | undefined;
  readonly tags?: readonly string[] | undefined;
  /** Of a team: guardrails that run for all of its requests, and whether those that are on by default do not. */
  readonly guardrails?: readonly string[] | undefined;
  readonly guardrailsOff?: boolean | undefined;
  /** What its requests may say in `cache` (`allowed_cache_controls`); absent: everything. */
  readonly cacheControls?: readonly string[] | undefined;
  /** Of an end user: the model its requests get when they name none that it may use. */
  readonly defaultModel?: string | undefined;
}

/** Undefined for what is no record, or of another version. Throws for text that is no JSON. */
export function decodeScopeRecord(text: string): ScopeRecord | undefined {
  const value = JSON.parse(text) as ScopeRecord;
  return value.v === 1 && SCOPE_KINDS.includes(value.kind) && typeof value.id === 'string' ? value : undefined;
}
