import type { GatewayError } from '#contracts';
import type { UpstreamAnswer } from '../dialect-codec.ts';
import type { JsonRecord } from '../json/record.ts';
import { buildUpstreamError } from '../upstream-error/build-error.ts';
import type { ErrorLabels } from '../upstream-error/classify-error.ts';

/**
 * Codes of `{"success":false,"errors":[{"code":3040,"message":…}]}` (https://developers.cloudflare.com/workers-ai/platform/errors/).
 * Two that share the status 429 mean opposites: the day's allocation is used up, and no data centre is free right now.
 */
const LABELS: ErrorLabels = {
  3036: 'upstream_quota',
  3040: 'upstream_overloaded',
  3007: 'upstream_timeout',
  3008: 'upstream_timeout',
  5007: 'upstream_not_found',
  3042: 'upstream_not_found',
  5016: 'upstream_auth',
  5018: 'upstream_auth',
  3023: 'upstream_auth',
  3041: 'upstream_auth',
  10000: 'upstream_auth',
  5021: 'context_length_exceeded',
};

export function mapError(answer: UpstreamAnswer): GatewayError {
  return buildUpstreamError(answer, LABELS);
}

/** An answer or a chunk that is an error in Cloudflare's wrapper or in OpenAI's words. */
export function isFailure(body: JsonRecord): boolean {
  const { success, errors, error } = body;
  return success === false || (Array.isArray(errors) && errors.length > 0) || (error !== undefined && error !== null);
}
