import type { StreamFailurePolicy } from './stream-failure.ts';

/**
 * What the ingress needs to admit a virtual key, in KV bucket `keys` under the key's SHA-256 (hex). Written by admin only;
 * the key itself is stored nowhere.
 */
export interface KeyRecord {
  readonly v: 1;
  /** SHA-256 of the key, hex: LiteLLM's `token`. */
  readonly hash: string;
  /** `sk-…abcd`: enough to recognise it by. */
  readonly masked: string;
  readonly alias?: string | undefined;
  readonly teamId?: string | undefined;
  readonly userId?: string | undefined;
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
}

export function decodeKeyRecord(text: string): KeyRecord | undefined {
  const value = JSON.parse(text) as KeyRecord;
  return value.v === 1 && typeof value.hash === 'string' && Array.isArray(value.models) ? value : undefined;
}
