import type { GatewayError } from '#contracts';
import { ERROR_LABELS } from '../anthropic-messages/map-error.ts';
import type { UpstreamAnswer } from '../dialect-codec.ts';
import { buildUpstreamError } from '../upstream-error/build-error.ts';
import type { ErrorLabels } from '../upstream-error/classify-error.ts';

/** Claude's own words, and Google's where its front end answers (https://cloud.google.com/apis/design/errors#handling_errors). */
const LABELS: ErrorLabels = {
  ...ERROR_LABELS,
  resource_exhausted: 'upstream_rate_limited',
  unavailable: 'upstream_overloaded',
  deadline_exceeded: 'upstream_timeout',
  permission_denied: 'upstream_auth',
  unauthenticated: 'upstream_auth',
  not_found: 'upstream_not_found',
  internal: 'upstream_error',
  invalid_argument: 'upstream_bad_request',
  failed_precondition: 'upstream_bad_request',
};

export function mapError(answer: UpstreamAnswer): GatewayError {
  return buildUpstreamError(answer, LABELS);
}
