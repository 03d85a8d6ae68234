import type { ErrorCode } from './error-code.ts';

/** Kinds of failures as LiteLLM's policies name them (https://docs.litellm.ai/docs/routing#advanced-custom-retries-cooldowns-based-on-error-type). */
export const ERROR_KINDS = [
  'bad_request',
  'authentication',
  'timeout',
  'rate_limit',
  'content_policy',
  'internal_server',
  'service_unavailable',
  'bad_gateway',
  'not_found',
] as const;
export type ErrorKind = (typeof ERROR_KINDS)[number];

/** The kinds of a provider's failures, the narrowest first: a policy that names none of them says nothing of the failure. */
const KINDS: Readonly<Partial<Record<ErrorCode, readonly ErrorKind[]>>> = {
  upstream_bad_request: ['bad_request'],
  context_length_exceeded: ['bad_request'],
  content_policy_violation: ['content_policy', 'bad_request'],
  upstream_auth: ['authentication'],
  upstream_quota: ['rate_limit'],
  upstream_not_found: ['not_found'],
  upstream_timeout: ['timeout'],
  upstream_rate_limited: ['rate_limit'],
  upstream_overloaded: ['service_unavailable', 'internal_server'],
  upstream_unreachable: ['bad_gateway', 'internal_server'],
  upstream_error: ['internal_server'],
  upstream_invalid_response: ['internal_server'],
  upstream_truncated: ['internal_server'],
};

/** None for errors that are not the provider's. */
export function errorKinds(code: ErrorCode): readonly ErrorKind[] {
  return KINDS[code] ?? [];
}

/** A number for each kind of failure that a policy names. */
export type ErrorPolicy = Readonly<Partial<Record<ErrorKind, number>>>;

/** What a policy says of an error; undefined where it says nothing. */
export function fromPolicy(policy: ErrorPolicy | undefined, code: ErrorCode): number | undefined {
  if (policy === undefined) return undefined;
  for (const kind of errorKinds(code)) if (policy[kind] !== undefined) return policy[kind];
  return undefined;
}
