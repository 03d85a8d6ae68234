import { GatewayError } from '#contracts';
import type { UpstreamAnswer } from '../dialect-codec.ts';
import { stringAt, textOf, type JsonRecord } from '../json/record.ts';
import { buildUpstreamError } from '../upstream-error/build-error.ts';
import type { ErrorLabels } from '../upstream-error/classify-error.ts';

/** Codes in the text of a failed prediction (https://replicate.com/docs/reference/error-codes). */
const LABELS: ErrorLabels = {
  e003: 'upstream_overloaded',
  e004: 'upstream_overloaded',
  e005: 'content_policy_violation',
  e006: 'upstream_bad_request',
};
const CODE = /\b(E\d{3,4})\b/;
/** "Request was throttled. Your rate limit resets in ~30s." */
const RESETS_IN = /resets in ~?(\d+(?:ms|s|m|h))/;

/** `{"title","detail","status"}`; how long to wait is said in words alone. */
export function mapError(answer: UpstreamAnswer): GatewayError {
  const wait = RESETS_IN.exec(textOf(answer.body))?.[1];
  const headers = wait === undefined ? answer.headers : { 'retry-after': wait, ...answer.headers };
  return buildUpstreamError({ ...answer, headers }, LABELS);
}

/** A prediction that ended without an answer: `{"status":"failed","error":"… (E005)"}`. */
export function mapFailure(prediction: JsonRecord): GatewayError {
  const words = stringAt(prediction, 'error');
  if (prediction['status'] !== 'failed' || words === undefined) {
    return new GatewayError('upstream_error', `The provider's prediction ended as ${String(prediction['status'])}.`);
  }
  const body = { error: { message: words, code: CODE.exec(words)?.[1] } };
  return buildUpstreamError({ status: undefined, headers: {}, body: Buffer.from(JSON.stringify(body)), nowMs: 0 }, LABELS);
}
