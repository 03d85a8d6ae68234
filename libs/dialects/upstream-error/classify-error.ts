import type { ErrorCode } from '#contracts';
import type { UpstreamErrorBody } from './read-error-body.ts';

/** Error words (`type`, `code`) of one dialect, lower case, and what they mean here. */
export type ErrorLabels = Readonly<Record<string, ErrorCode>>;
/** Statuses that mean something else to one dialect than to all others. */
export type ErrorStatuses = Readonly<Record<number, ErrorCode>>;

const QUOTA_TEXT =
  /insufficient (?:balance|credits?|funds|quota)|credit balance is too low|(?:out of|no) credits|spend(?:ing)? limit|specified API usage limits|trial key.{0,120}month|free allocation/i;
const AUTH_TEXT = /(?:invalid|incorrect|missing) (?:x-)?api[- ]?key|api[- ]?key (?:is )?(?:not valid|invalid)/i;
const CONTEXT_TEXT = new RegExp(
  [
    'prompt is too long',
    'input is too long',
    'context[_ ](?:length|window|size)',
    'maximum (?:context|prompt) length',
    'input token count.{0,40}exceeds',
    'reduce the length of the (?:messages|prompt)',
    'too many (?:input )?tokens in',
    'number of (?:input )?tokens.{0,60}(?:cannot exceed|exceeds)',
  ].join('|'),
  'i',
);
const CONTENT_TEXT =
  /content (?:management )?policy|content[_ ]filter|safety system|flagged (?:by|for).{0,40}(?:moderation|safety|policy)/i;
const OVERLOAD_TEXT = /overloaded|at capacity|over capacity|no capacity|capacity (?:temporarily )?exceeded/i;

const BY_STATUS: Readonly<Record<number, ErrorCode>> = {
  401: 'upstream_auth',
  402: 'upstream_quota',
  403: 'upstream_auth',
  404: 'upstream_not_found',
  408: 'upstream_timeout',
  409: 'upstream_error',
  413: 'body_too_large',
  424: 'upstream_error',
  429: 'upstream_rate_limited',
  // Groq: no capacity in the flex tier
  498: 'upstream_overloaded',
  // nginx, Cohere, Groq: somebody in between gave up
  499: 'upstream_error',
  503: 'upstream_overloaded',
  504: 'upstream_timeout',
  // Anthropic and Bedrock: overloaded
  529: 'upstream_overloaded',
};

/**
 * The meaning of a provider's error: its own words, then what its text gives away, then the status. Text comes before the
 * status because a used-up balance arrives as 400 (Anthropic), 402 or 429, and an overlong prompt as 400, 413 or 422.
 */
export function classifyError(
  status: number | undefined,
  body: UpstreamErrorBody,
  labels: ErrorLabels,
  ownStatuses: ErrorStatuses = {},
): ErrorCode {
  const text = body.message ?? '';
  // a used-up balance must not be retried, though it may be labelled as a rate limit
  if (QUOTA_TEXT.test(text)) return 'upstream_quota';
  const labelled = body.labels.map((label) => labels[label]).find((code) => code !== undefined);
  const isSpecific = labelled !== undefined && labelled !== 'upstream_bad_request' && labelled !== 'upstream_error';
  if (status === 413 && !CONTEXT_TEXT.test(text)) return 'body_too_large';
  if (isSpecific) return labelled;
  const effective = status ?? body.statusHint;
  return codeOfText(text, effective) ?? codeOfStatus(effective, ownStatuses) ?? labelled ?? 'upstream_error';
}

function codeOfText(text: string, status: number | undefined): ErrorCode | undefined {
  if (OVERLOAD_TEXT.test(text) && (status === undefined || status === 429 || status >= 500)) return 'upstream_overloaded';
  if (status === 429 || (status !== undefined && status >= 500)) return undefined;
  if (CONTEXT_TEXT.test(text)) return 'context_length_exceeded';
  if (CONTENT_TEXT.test(text)) return 'content_policy_violation';
  return AUTH_TEXT.test(text) ? 'upstream_auth' : undefined;
}

function codeOfStatus(status: number | undefined, ownStatuses: ErrorStatuses): ErrorCode | undefined {
  if (status === undefined) return undefined;
  const exact = ownStatuses[status] ?? BY_STATUS[status];
  if (exact !== undefined) return exact;
  return status >= 400 && status < 500 ? 'upstream_bad_request' : 'upstream_error';
}
