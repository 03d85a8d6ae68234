import type { GatewayError } from '#contracts';
import type { UpstreamAnswer } from '../dialect-codec.ts';
import type { JsonRecord } from '../json/record.ts';
import { recordAt } from '../json/record.ts';
import { OPENAI_ERROR_LABELS } from '../openai-chat/map-error.ts';
import { buildUpstreamError } from '../upstream-error/build-error.ts';
import type { ErrorLabels } from '../upstream-error/classify-error.ts';

/** Codes of a failed response (https://platform.openai.com/docs/api-reference/responses/object#responses/object-error). */
const LABELS: ErrorLabels = {
  ...OPENAI_ERROR_LABELS,
  invalid_prompt: 'content_policy_violation',
  bio_policy: 'content_policy_violation',
  image_content_policy_violation: 'content_policy_violation',
  vector_store_timeout: 'upstream_timeout',
  failed_to_download_image: 'upstream_bad_request',
  previous_response_not_found: 'upstream_bad_request',
};

export function mapError(answer: UpstreamAnswer): GatewayError {
  return buildUpstreamError(answer, LABELS);
}

/** The error of a response that failed inside a 200, or undefined when it did not fail. */
export function failureOf(response: JsonRecord): GatewayError | undefined {
  const hasFailed = response['status'] === 'failed' || response['status'] === 'cancelled' || recordAt(response, 'error') !== undefined;
  return hasFailed ? failed(response) : undefined;
}

/** The error of a response that is known to have failed, whatever it says of it. */
export function failed(response: JsonRecord): GatewayError {
  return mapErrorValue({ error: recordAt(response, 'error') ?? { message: 'The provider failed to answer.', code: 'server_error' } });
}

/** An error inside a 200 has no status and no header that could say a date. */
export function mapErrorValue(value: JsonRecord): GatewayError {
  return mapError({ status: undefined, headers: {}, body: Buffer.from(JSON.stringify(value)), nowMs: 0 });
}
