import type { GatewayError } from '#contracts';
import type { UpstreamAnswer } from '../dialect-codec.ts';
import { buildUpstreamError } from '../upstream-error/build-error.ts';
import type { ErrorLabels } from '../upstream-error/classify-error.ts';

/** Codes of `{"errors":[{"code","message","more_info"}],"trace":…,"status_code":…}` (https://cloud.ibm.com/apidocs/watsonx-ai#error-handling). */
const LABELS: ErrorLabels = {
  token_quota_reached: 'upstream_quota',
  rate_limit_reached_requests: 'upstream_rate_limited',
  rate_limit_reached_tokens: 'upstream_rate_limited',
  consumption_limit_reached: 'upstream_rate_limited',
  too_many_requests: 'upstream_rate_limited',
  downstream_request_failed: 'upstream_error',
  service_unavailable: 'upstream_overloaded',
  authentication_token_expired: 'upstream_auth',
  authentication_token_not_valid: 'upstream_auth',
  authorization_rejected: 'upstream_auth',
  no_associated_service_instance_error: 'upstream_auth',
  model_not_supported: 'upstream_not_found',
  invalid_input_argument: 'upstream_bad_request',
  invalid_request_entity: 'upstream_bad_request',
};

export function mapError(answer: UpstreamAnswer): GatewayError {
  return buildUpstreamError(answer, LABELS);
}
