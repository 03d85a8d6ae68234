import type { GatewayError } from '#contracts';
import type { UpstreamAnswer } from '../dialect-codec.ts';
import { isRecord, stringAt, type JsonRecord } from '../json/record.ts';
import { buildUpstreamError } from '../upstream-error/build-error.ts';
import type { ErrorLabels } from '../upstream-error/classify-error.ts';
import { readErrorBody } from '../upstream-error/read-error-body.ts';

/** Status words of Google's APIs (https://cloud.google.com/apis/design/errors#error_model). */
const LABELS: ErrorLabels = {
  invalid_argument: 'upstream_bad_request',
  out_of_range: 'upstream_bad_request',
  // no free tier in this country, billing not enabled: the operator's account, not the request
  failed_precondition: 'upstream_auth',
  permission_denied: 'upstream_auth',
  unauthenticated: 'upstream_auth',
  not_found: 'upstream_not_found',
  resource_exhausted: 'upstream_rate_limited',
  unavailable: 'upstream_overloaded',
  deadline_exceeded: 'upstream_timeout',
  internal: 'upstream_error',
  unknown: 'upstream_error',
  aborted: 'upstream_error',
  cancelled: 'upstream_error',
};
/** One status word for "slow down" and "no more today": only the latter is of no use to wait for. */
const QUOTA_LABELS: ErrorLabels = { ...LABELS, resource_exhausted: 'upstream_quota' };
const AUTH_LABELS: ErrorLabels = { ...LABELS, invalid_argument: 'upstream_auth' };

const USED_UP_TEXT = /credits? (?:are|is) depleted|spending cap|prepay/i;
/** `GenerateRequestsPerDayPerProjectPerModel-FreeTier` and the like. */
const DAILY_QUOTA = /per_?day/i;
const KEY_REASONS: ReadonlySet<unknown> = new Set([
  'API_KEY_INVALID',
  'API_KEY_EXPIRED',
  'API_KEY_SERVICE_BLOCKED',
  'ACCESS_TOKEN_EXPIRED',
]);

/** `{error:{code,message,status,details}}`, alone or in an array; also for `:embedContent` and Vertex. */
export function mapError(answer: UpstreamAnswer): GatewayError {
  const { error, message } = readErrorBody(answer.body);
  const details = detailsOf(error);
  if (USED_UP_TEXT.test(message ?? '') || details.some(isUsedUp)) return buildUpstreamError(answer, QUOTA_LABELS);
  const isKeyRefused = details.some((detail) => KEY_REASONS.has(detail['reason']));
  return buildUpstreamError(answer, isKeyRefused ? AUTH_LABELS : LABELS);
}

function detailsOf(error: JsonRecord | undefined): readonly JsonRecord[] {
  const details = error?.['details'];
  return Array.isArray(details) ? details.filter(isRecord) : [];
}

/** A `QuotaFailure` of a daily limit, or of a limit of nothing (a model outside the free tier). */
function isUsedUp(detail: JsonRecord): boolean {
  const violations = detail['violations'];
  if (!Array.isArray(violations)) return false;
  return violations.filter(isRecord).some((violation) => {
    const name = `${stringAt(violation, 'quotaId') ?? ''} ${stringAt(violation, 'quotaMetric') ?? ''}`;
    return DAILY_QUOTA.test(name) || violation['quotaValue'] === '0';
  });
}
