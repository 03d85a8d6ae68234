import type { GatewayError } from '#contracts';
import type { UpstreamAnswer } from '../dialect-codec.ts';
import { buildUpstreamError } from '../upstream-error/build-error.ts';
import type { ErrorLabels } from '../upstream-error/classify-error.ts';

/** Error types of https://docs.anthropic.com/en/api/errors. */
export const ERROR_LABELS: ErrorLabels = {
  authentication_error: 'upstream_auth',
  permission_error: 'upstream_auth',
  billing_error: 'upstream_quota',
  // codes in `details.error_code`, beside a type that says less
  enforced_spend_limit_reached: 'upstream_quota',
  contract_spend_limit_reached: 'upstream_quota',
  linked_organization_spend_limit_reached: 'upstream_quota',
  linked_organization_billing_unavailable: 'upstream_quota',
  not_found_error: 'upstream_not_found',
  request_too_large: 'body_too_large',
  rate_limit_error: 'upstream_rate_limited',
  overloaded_error: 'upstream_overloaded',
  timeout_error: 'upstream_timeout',
  api_error: 'upstream_error',
  invalid_request_error: 'upstream_bad_request',
};

export function mapError(answer: UpstreamAnswer): GatewayError {
  return buildUpstreamError(answer, ERROR_LABELS);
}
