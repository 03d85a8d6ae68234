import { GatewayError, type ErrorCode, type RetryScope } from '#contracts';
import type { UpstreamAnswer } from '../dialect-codec.ts';
import { classifyError, type ErrorLabels, type ErrorStatuses } from './classify-error.ts';
import { readErrorBody, type UpstreamErrorBody } from './read-error-body.ts';
import { redactSecrets } from './redact-secrets.ts';
import { readRetryAfterMs } from './retry-after.ts';

const MAX_MESSAGE_CHARS = 1_000;
/** Codes whose message is ours alone: what the provider wrote is about the operator's account, not the caller's. */
const PRIVATE_MESSAGES: Readonly<Partial<Record<ErrorCode, string>>> = {
  upstream_auth: "The provider refused the gateway's credentials for this model.",
  upstream_quota: "The gateway's quota or balance with the provider is used up.",
};

/**
 * Any provider error as a `GatewayError`: code from the dialect's words, text or status, the provider's own message where it
 * concerns the caller (secrets removed, never HTML), and the wait it asks for. Never throws, whatever the bytes.
 */
export function buildUpstreamError(answer: UpstreamAnswer, labels: ErrorLabels, statuses?: ErrorStatuses): GatewayError {
  const body = readErrorBody(answer.body);
  const code = classifyError(answer.status, body, labels, statuses);
  return new GatewayError(code, publicMessage(code, answer.status, body), {
    param: body.param,
    upstreamStatus: answer.status ?? body.statusHint,
    retry: retryScope(code),
    retryAfterMs: readRetryAfterMs({
      headers: answer.headers,
      error: body.error,
      nowMs: answer.nowMs,
      isRateLimit: code === 'upstream_rate_limited',
    }),
    cause: body.message === undefined ? undefined : new Error(redactSecrets(body.message)),
  });
}

/** A limit on the size is the provider's own here, so another one may take the request. */
function retryScope(code: ErrorCode): RetryScope | undefined {
  return code === 'body_too_large' ? 'elsewhere' : undefined;
}

function publicMessage(code: ErrorCode, status: number | undefined, body: UpstreamErrorBody): string {
  const ownWords = PRIVATE_MESSAGES[code];
  if (ownWords !== undefined) return ownWords;
  const answered = status === undefined ? 'The provider reported an error' : `The provider answered ${status}`;
  if (body.message !== undefined) return redactSecrets(body.message).slice(0, MAX_MESSAGE_CHARS);
  if (body.kind === 'html') return `${answered} with an HTML page instead of JSON.`;
  if (body.kind === 'empty') return `${answered} with an empty body.`;
  if (body.kind === 'text') return `${answered} with a body that is not JSON.`;
  return `${answered} without a message.`;
}
