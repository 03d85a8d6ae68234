import type { GatewayError } from '#contracts';
import type { UpstreamAnswer } from '../dialect-codec.ts';
import { buildUpstreamError } from '../upstream-error/build-error.ts';
import type { ErrorStatuses } from '../upstream-error/classify-error.ts';

/** An invalid token; elsewhere that status is another thing. */
const STATUSES: ErrorStatuses = { 498: 'upstream_auth' };

/** Errors have a message and no code (https://docs.cohere.com/reference/errors): the status speaks, and the text for a few. */
export function mapError(answer: UpstreamAnswer): GatewayError {
  return buildUpstreamError(answer, {}, STATUSES);
}
