import type { ErrorCode, RetryScope } from '#contracts';
import type { ProviderDialect } from '#dialects';

/** A documented error of one format, and what it must mean here. */
export interface ErrorCase {
  readonly dialect: ProviderDialect;
  readonly what: string;
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: unknown;
  readonly code: ErrorCode;
  readonly retryAfterMs?: number;
}

/** An error in a stream that began as a 200. */
export interface StreamErrorCase {
  readonly dialect: ProviderDialect;
  readonly what: string;
  readonly bytes: Uint8Array;
  readonly code: ErrorCode;
}

/** `elsewhere`: another deployment may serve it, and a second try at this one is of no use. */
export const RETRY_OF: Readonly<Partial<Record<ErrorCode, RetryScope>>> = {
  upstream_quota: 'elsewhere',
  upstream_auth: 'elsewhere',
  upstream_not_found: 'elsewhere',
  context_length_exceeded: 'elsewhere',
  content_policy_violation: 'elsewhere',
  body_too_large: 'elsewhere',
  upstream_bad_request: 'never',
  upstream_rate_limited: 'anywhere',
  upstream_overloaded: 'anywhere',
  upstream_error: 'anywhere',
  upstream_timeout: 'anywhere',
};
