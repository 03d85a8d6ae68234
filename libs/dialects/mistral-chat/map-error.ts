import type { GatewayError } from '#contracts';
import type { UpstreamAnswer } from '../dialect-codec.ts';
import { OPENAI_ERROR_LABELS } from '../openai-chat/map-error.ts';
import { buildUpstreamError } from '../upstream-error/build-error.ts';
import type { ErrorLabels } from '../upstream-error/classify-error.ts';

/** Types and numbers of `{"object":"error","message":…,"type":…,"code":"3051"}`; 422 has `{"detail":[{"loc","msg"}]}` instead. */
const LABELS: ErrorLabels = {
  ...OPENAI_ERROR_LABELS,
  rate_limited: 'upstream_rate_limited',
  1300: 'upstream_rate_limited',
  service_tier_capacity_exceeded: 'upstream_overloaded',
  3505: 'upstream_overloaded',
  unreachable_backend: 'upstream_overloaded',
  unauthorized: 'upstream_auth',
  payment_required: 'upstream_quota',
  invalid_model: 'upstream_not_found',
  1500: 'upstream_not_found',
  3051: 'context_length_exceeded',
};

export function mapError(answer: UpstreamAnswer): GatewayError {
  return buildUpstreamError(answer, LABELS);
}
