import type { GatewayError } from '#contracts';
import type { UpstreamAnswer } from '../dialect-codec.ts';
import { buildUpstreamError } from '../upstream-error/build-error.ts';
import type { ErrorLabels } from '../upstream-error/classify-error.ts';

/** Error types of https://docs.anthropic.com/en/api/errors. */
const LABELS: ErrorLabels = {
  authentication_error: 'upstream_auth',
  permission_error: 'upstream_auth',
  billing_error: 'upstream_quota',
  enforced_spend_limit_reached: 'upstream_quota',
  not_found_error: 'upstream_not_found',
  request_too_large: 'body_too_large',
  rate_limit_error: 'upstream_rate_limited',
  overloaded_error: 'upstream_overloaded',
  timeout_error: 'upstream_timeout',
  api_error: 'upstream_error',
  invalid_request_error: 'upstream_bad_request',
};

export function mapError(answer: UpstreamAnswer): GatewayError {
  return buildUpstreamError(answer, LABELS);
}
