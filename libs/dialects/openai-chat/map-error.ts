import type { GatewayError } from '#contracts';
import type { UpstreamAnswer } from '../dialect-codec.ts';
import { buildUpstreamError } from '../upstream-error/build-error.ts';
import type { ErrorLabels } from '../upstream-error/classify-error.ts';

/** Error words of OpenAI (https://platform.openai.com/docs/guides/error-codes) and of hosts that speak its dialect. */
export const OPENAI_ERROR_LABELS: ErrorLabels = {
  insufficient_quota: 'upstream_quota',
  billing_hard_limit_reached: 'upstream_quota',
  billing_not_active: 'upstream_quota',
  insufficient_balance: 'upstream_quota',
  spend_limit_reached: 'upstream_quota',
  rate_limit_exceeded: 'upstream_rate_limited',
  rate_limit_error: 'upstream_rate_limited',
  too_many_requests: 'upstream_rate_limited',
  tokens: 'upstream_rate_limited',
  requests: 'upstream_rate_limited',
  resource_exhausted: 'upstream_rate_limited',
  invalid_api_key: 'upstream_auth',
  authentication_error: 'upstream_auth',
  permission_denied: 'upstream_auth',
  context_length_exceeded: 'context_length_exceeded',
  string_above_max_length: 'context_length_exceeded',
  content_filter: 'content_policy_violation',
  content_policy_violation: 'content_policy_violation',
  responsibleaipolicyviolation: 'content_policy_violation',
  data_inspection_failed: 'content_policy_violation',
  moderation_blocked: 'content_policy_violation',
  model_not_found: 'upstream_not_found',
  deploymentnotfound: 'upstream_not_found',
  overloaded_error: 'upstream_overloaded',
  service_unavailable: 'upstream_overloaded',
  unavailable: 'upstream_overloaded',
  engine_overloaded: 'upstream_overloaded',
  timeout: 'upstream_timeout',
  deadline_exceeded: 'upstream_timeout',
  server_error: 'upstream_error',
  api_error: 'upstream_error',
  internal_error: 'upstream_error',
  invalid_request_error: 'upstream_bad_request',
};

export function mapError(answer: UpstreamAnswer): GatewayError {
  return buildUpstreamError(answer, OPENAI_ERROR_LABELS);
}
