import type { Limits } from './limits.ts';
import type { StreamFailurePolicy } from './stream-failure.ts';

/**
 * What the ingress needs to admit a virtual key, in KV bucket `keys` under the key's SHA-256 (hex). Written by admin only;
 * the key itself is stored nowhere.
 */
export interface KeyRecord {
  readonly v: 1;
  /** The key's name: SHA-256 of the secret it was made with, hex; LiteLLM's `token`. */
  readonly hash: string;
  /** `sk-…abcd`: enough to recognise it by. */
  readonly masked: string;
  readonly alias?: string | undefined;
  readonly teamId?: string | undefined;
  readonly userId?: string | undefined;
  readonly organizationId?: string | undefined;
  /** Model names, `provider/*` wildcards; empty or `["all-proxy-models"]`: all. */
  readonly models: readonly string[];
  /** Public name → model group, per key. */
  readonly aliases?: Readonly<Record<string, string>> | undefined;
  /** Unix milliseconds. */
  readonly expiresAt?: number | undefined;
  readonly blocked: boolean;
  readonly tags?: readonly string[] | undefined;
  /** `metadata.headrace_stream_on_failure` of the key. */
  readonly streamOnFailure?: StreamFailurePolicy | undefined;
  /** `metadata.turn_off_message_logging` of the key: nothing it asks is kept, whatever the configuration says. */
  readonly keepsNoPrompts?: boolean | undefined;
  /** Guardrails that run for all of its requests. */
  readonly guardrails?: readonly string[] | undefined;
  /** Those that are on by default do not run (`disable_global_guardrails`). */
  readonly guardrailsOff?: boolean | undefined;
  /** What its requests may say in `cache` (`allowed_cache_controls`); absent: everything. */
  readonly cacheControls?: readonly string[] | undefined;
  /** Its requests may switch them off (`permissions.allow_modify_guardrails`). */
  readonly mayModifyGuardrails?: boolean | undefined;
  readonly limits?: Limits | undefined;
  /** Model group → cheaper groups that serve a request instead when its budget is used up (`budget_fallbacks`). */
  readonly budgetFallbacks?: Readonly<Record<string, readonly string[]>> | undefined;
  /** Paths and LiteLLM's route groups (`llm_api_routes`, `management_routes`, `info_routes`) it may call; absent or empty: all. */
  readonly allowedRoutes?: readonly string[] | undefined;
  /** Request fields that its requests must have. */
  readonly enforcedParams?: readonly string[] | undefined;
  /**
   * In the entry of a secret that was replaced: until when it is let in, Unix milliseconds. `hash` is the key's name for ever, that of the
   * secret it was made with; the secrets it has had since have entries of their own with the same record.
   */
  readonly secretUntil?: number | undefined;
}

export function decodeKeyRecord(text: string): KeyRecord | undefined {
  const value = JSON.parse(text) as KeyRecord;
  return value.v === 1 && typeof value.hash === 'string' && Array.isArray(value.models) ? value : undefined;
}
