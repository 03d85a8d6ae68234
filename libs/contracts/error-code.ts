/**
 * The closed set of errors a client can see. `status` and `type` are the HTTP contract (LiteLLM's names where it has one);
 * `retry` says what another attempt of the same request can achieve:
 * - `never`     the request itself is at fault, or the client is gone
 * - `elsewhere` this deployment can't serve it, another one may (bad provider key, used-up quota)
 * - `anywhere`  a passing fault, also worth a second try on the same deployment
 */
export type RetryScope = 'never' | 'elsewhere' | 'anywhere';

export interface ErrorCodeEntry {
  readonly status: number;
  readonly type: string;
  readonly retry: RetryScope;
}

export const ERROR_CODES = {
  // the caller
  invalid_json: { status: 400, type: 'invalid_request_error', retry: 'never' },
  invalid_request: { status: 400, type: 'invalid_request_error', retry: 'never' },
  unsupported_parameter: { status: 400, type: 'invalid_request_error', retry: 'never' },
  operation_not_supported: { status: 400, type: 'invalid_request_error', retry: 'elsewhere' },
  previous_response_not_found: { status: 400, type: 'invalid_request_error', retry: 'never' },
  response_not_found: { status: 404, type: 'invalid_request_error', retry: 'never' },
  body_too_large: { status: 413, type: 'invalid_request_error', retry: 'never' },
  unsupported_media_type: { status: 415, type: 'invalid_request_error', retry: 'never' },
  route_not_found: { status: 404, type: 'not_found_error', retry: 'never' },
  method_not_allowed: { status: 405, type: 'invalid_request_error', retry: 'never' },
  missing_key: { status: 401, type: 'auth_error', retry: 'never' },
  unknown_key: { status: 401, type: 'token_not_found_in_db', retry: 'never' },
  expired_key: { status: 401, type: 'expired_key', retry: 'never' },
  key_blocked: { status: 401, type: 'key_blocked', retry: 'never' },
  team_blocked: { status: 401, type: 'auth_error', retry: 'never' },
  user_blocked: { status: 401, type: 'auth_error', retry: 'never' },
  organization_blocked: { status: 401, type: 'auth_error', retry: 'never' },
  customer_blocked: { status: 403, type: 'customer_blocked', retry: 'never' },
  model_access_denied: { status: 403, type: 'key_model_access_denied', retry: 'never' },
  team_model_access_denied: { status: 403, type: 'team_model_access_denied', retry: 'never' },
  user_model_access_denied: { status: 403, type: 'user_model_access_denied', retry: 'never' },
  organization_model_access_denied: { status: 403, type: 'org_model_access_denied', retry: 'never' },
  customer_model_access_denied: { status: 403, type: 'customer_model_access_denied', retry: 'never' },
  route_access_denied: { status: 403, type: 'key_route_access_denied', retry: 'never' },
  address_access_denied: { status: 403, type: 'auth_error', retry: 'never' },
  budget_exceeded: { status: 402, type: 'budget_exceeded', retry: 'never' },
  price_unknown: { status: 403, type: 'price_unknown', retry: 'never' },
  rate_limit_exceeded: { status: 429, type: 'rate_limit_exceeded', retry: 'never' },
  model_not_found: { status: 404, type: 'model_not_found', retry: 'never' },
  context_length_exceeded: { status: 400, type: 'context_length_exceeded', retry: 'elsewhere' },
  content_policy_violation: { status: 400, type: 'content_policy_violation', retry: 'elsewhere' },
  // an answer of an auto group's weak tier that failed a check: the strong one is asked
  answer_rejected: { status: 502, type: 'answer_rejected', retry: 'elsewhere' },
  guardrail_blocked: { status: 400, type: 'guardrail_blocked', retry: 'never' },
  conflict: { status: 409, type: 'invalid_request_error', retry: 'never' },
  file_not_found: { status: 404, type: 'invalid_request_error', retry: 'never' },
  batch_not_found: { status: 404, type: 'invalid_request_error', retry: 'never' },
  dead_letter_not_found: { status: 404, type: 'invalid_request_error', retry: 'never' },
  webhook_not_found: { status: 404, type: 'invalid_request_error', retry: 'never' },
  job_not_found: { status: 404, type: 'invalid_request_error', retry: 'never' },
  prompt_not_found: { status: 404, type: 'invalid_request_error', retry: 'never' },
  // 499 as for a client that left: the SDKs send a 409 or a 5xx again, which would run again what was cancelled
  cancelled: { status: 499, type: 'cancelled', retry: 'never' },
  client_gone: { status: 499, type: 'client_gone', retry: 'never' },
  // the provider
  upstream_bad_request: { status: 400, type: 'invalid_request_error', retry: 'never' },
  upstream_auth: { status: 502, type: 'upstream_auth_error', retry: 'elsewhere' },
  upstream_not_found: { status: 404, type: 'upstream_not_found', retry: 'elsewhere' },
  upstream_quota: { status: 502, type: 'upstream_quota_exhausted', retry: 'elsewhere' },
  upstream_rate_limited: { status: 429, type: 'upstream_rate_limited', retry: 'anywhere' },
  upstream_overloaded: { status: 503, type: 'upstream_overloaded', retry: 'anywhere' },
  upstream_error: { status: 502, type: 'upstream_error', retry: 'anywhere' },
  upstream_unreachable: { status: 502, type: 'upstream_unreachable', retry: 'anywhere' },
  upstream_invalid_response: { status: 502, type: 'upstream_invalid_response', retry: 'anywhere' },
  upstream_truncated: { status: 502, type: 'upstream_truncated', retry: 'anywhere' },
  upstream_timeout: { status: 504, type: 'upstream_timeout', retry: 'anywhere' },
  // ourselves
  queue_timeout: { status: 504, type: 'queue_timeout', retry: 'never' },
  queue_full: { status: 503, type: 'queue_full', retry: 'never' },
  queue_unavailable: { status: 503, type: 'queue_unavailable', retry: 'anywhere' },
  no_healthy_deployment: { status: 503, type: 'no_healthy_deployment', retry: 'never' },
  worker_lost: { status: 502, type: 'worker_lost', retry: 'anywhere' },
  service_unavailable: { status: 503, type: 'service_unavailable', retry: 'anywhere' },
  internal_error: { status: 500, type: 'internal_server_error', retry: 'anywhere' },
} as const satisfies Record<string, ErrorCodeEntry>;

export type ErrorCode = keyof typeof ERROR_CODES;

export function isErrorCode(value: unknown): value is ErrorCode {
  return typeof value === 'string' && Object.hasOwn(ERROR_CODES, value);
}
