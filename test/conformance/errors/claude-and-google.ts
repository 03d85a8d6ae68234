import { awsFrame } from '../aws-frame.ts';
import { sse } from '../sse.ts';
import type { ErrorCase, StreamErrorCase } from './error-case.ts';

const claude = (type: string, message: string) => ({ type: 'error', error: { type, message }, request_id: 'req_1' });
const google = (code: number, status: string, message: string, details: unknown[] = []) => ({ error: { code, message, status, details } });
const RETRY_INFO = { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '39s' };
const DAILY = {
  '@type': 'type.googleapis.com/google.rpc.QuotaFailure',
  violations: [{ quotaId: 'GenerateRequestsPerDayPerProjectPerModel-FreeTier' }],
};

const CLAUDE: readonly Omit<ErrorCase, 'dialect'>[] = [
  {
    what: 'rate limit, reset as a time',
    status: 429,
    headers: {
      date: 'Tue, 14 Nov 2023 22:13:20 GMT',
      'anthropic-ratelimit-requests-remaining': '0',
      'anthropic-ratelimit-requests-reset': '2023-11-14T22:13:50Z',
    },
    body: claude('rate_limit_error', 'This request would exceed your rate limit'),
    code: 'upstream_rate_limited',
    retryAfterMs: 30_000,
  },
  { what: 'overload', status: 529, body: claude('overloaded_error', 'Overloaded'), code: 'upstream_overloaded' },
  {
    what: 'balance',
    status: 400,
    body: claude('invalid_request_error', 'Your credit balance is too low to access the API'),
    code: 'upstream_quota',
  },
  { what: 'billing', status: 402, body: claude('billing_error', 'There is an issue with your billing'), code: 'upstream_quota' },
  {
    what: 'overlong prompt',
    status: 400,
    body: claude('invalid_request_error', 'prompt is too long: 210000 tokens > 200000 maximum'),
    code: 'context_length_exceeded',
  },
  { what: 'key', status: 401, body: claude('authentication_error', 'invalid x-api-key'), code: 'upstream_auth' },
  { what: 'permission', status: 403, body: claude('permission_error', 'not allowed'), code: 'upstream_auth' },
  { what: 'size', status: 413, body: claude('request_too_large', 'Request exceeds the maximum size'), code: 'body_too_large' },
  { what: 'a broken server', status: 500, body: claude('api_error', 'Internal server error'), code: 'upstream_error' },
  { what: 'timeout', status: 504, body: claude('timeout_error', 'Request timed out'), code: 'upstream_timeout' },
  { what: 'unknown model', status: 404, body: claude('not_found_error', 'model: x'), code: 'upstream_not_found' },
];

const GOOGLE: readonly Omit<ErrorCase, 'dialect'>[] = [
  {
    what: 'rate limit, wait in the body',
    status: 429,
    body: google(429, 'RESOURCE_EXHAUSTED', 'Quota exceeded for quota metric', [RETRY_INFO]),
    code: 'upstream_rate_limited',
    retryAfterMs: 39_000,
  },
  { what: 'overload', status: 503, body: google(503, 'UNAVAILABLE', 'The model is overloaded.'), code: 'upstream_overloaded' },
  { what: 'deadline', status: 504, body: google(504, 'DEADLINE_EXCEEDED', 'late'), code: 'upstream_timeout' },
  { what: 'permission', status: 403, body: google(403, 'PERMISSION_DENIED', 'denied'), code: 'upstream_auth' },
  { what: 'unknown model', status: 404, body: google(404, 'NOT_FOUND', 'models/x is not found'), code: 'upstream_not_found' },
  { what: 'bad parameter', status: 400, body: google(400, 'INVALID_ARGUMENT', 'Invalid value'), code: 'upstream_bad_request' },
];

const AWS: readonly Omit<ErrorCase, 'dialect'>[] = (
  [
    ['throttling', 429, 'ThrottlingException', 'Too many tokens, please wait before trying again.', 'upstream_rate_limited'],
    ['service quota', 400, 'ServiceQuotaExceededException', 'over the quota', 'upstream_quota'],
    ['daily quota', 429, 'ThrottlingException', 'Too many tokens per day, please wait before trying again.', 'upstream_quota'],
    ['overload', 503, 'ServiceUnavailableException', 'try again', 'upstream_overloaded'],
    ['a cold model', 429, 'ModelNotReadyException', 'not ready', 'upstream_overloaded'],
    ['timeout', 408, 'ModelTimeoutException', 'late', 'upstream_timeout'],
    ['rights', 403, 'AccessDeniedException', 'no access to the model', 'upstream_auth'],
    ['an expired token', 403, 'ExpiredTokenException', 'expired', 'upstream_auth'],
    ['a broken server', 500, 'InternalServerException', 'failed', 'upstream_error'],
    ['overlong prompt', 400, 'ValidationException', 'Input is too long for requested model.', 'context_length_exceeded'],
    ['bad parameter', 400, 'ValidationException', 'Malformed input request', 'upstream_bad_request'],
  ] as const
).map(([what, status, type, message, code]) => ({
  what,
  status,
  headers: { 'x-amzn-errortype': `${type}:http://internal.amazon.com/coral/` },
  body: { message },
  code,
}));

const of = <T>(cases: readonly T[], ...dialects: readonly ErrorCase['dialect'][]) =>
  dialects.flatMap((dialect) => cases.map((one) => ({ ...one, dialect })));

export const CLAUDE_AND_GOOGLE_ERRORS: readonly ErrorCase[] = [
  ...of(CLAUDE, 'anthropic-messages', 'vertex-raw-predict'),
  ...of(GOOGLE, 'gemini-generate', 'vertex-raw-predict'),
  ...of(AWS, 'bedrock-converse', 'bedrock-invoke', 'sagemaker-invoke'),
  {
    dialect: 'gemini-generate',
    what: 'the day’s quota',
    status: 429,
    body: google(429, 'RESOURCE_EXHAUSTED', 'Quota exceeded', [DAILY, RETRY_INFO]),
    code: 'upstream_quota',
    retryAfterMs: 39_000,
  },
  {
    dialect: 'gemini-generate',
    what: 'key',
    status: 400,
    body: google(400, 'INVALID_ARGUMENT', 'API key not valid.', [{ reason: 'API_KEY_INVALID' }]),
    code: 'upstream_auth',
  },
  {
    dialect: 'gemini-generate',
    what: 'overlong prompt, in an array',
    status: 400,
    body: [google(400, 'INVALID_ARGUMENT', 'The input token count (2000000) exceeds the maximum number of tokens allowed')],
    code: 'context_length_exceeded',
  },
  {
    dialect: 'sagemaker-invoke',
    what: 'the container’s own',
    status: 424,
    body: { OriginalStatusCode: 429, OriginalMessage: '{"error":{"message":"busy","code":"rate_limit_exceeded"}}', Message: 'x' },
    code: 'upstream_rate_limited',
  },
];

const exception = (type: string, payload: unknown) => awsFrame(type, payload, 'exception');

export const CLAUDE_AND_GOOGLE_STREAM_ERRORS: readonly StreamErrorCase[] = [
  {
    dialect: 'anthropic-messages',
    what: 'overload',
    bytes: sse(claude('overloaded_error', 'Overloaded'), 'error'),
    code: 'upstream_overloaded',
  },
  {
    dialect: 'vertex-raw-predict',
    what: 'overload',
    bytes: sse(claude('overloaded_error', 'Overloaded'), 'error'),
    code: 'upstream_overloaded',
  },
  {
    dialect: 'bedrock-converse',
    what: 'throttling',
    bytes: exception('throttlingException', { message: 'Too many requests' }),
    code: 'upstream_rate_limited',
  },
  {
    dialect: 'bedrock-invoke',
    what: 'throttling',
    bytes: exception('throttlingException', { message: 'Too many requests' }),
    code: 'upstream_rate_limited',
  },
  {
    dialect: 'sagemaker-invoke',
    what: 'a broken container',
    bytes: exception('InternalStreamFailure', { Message: 'failed' }),
    code: 'upstream_error',
  },
  {
    dialect: 'gemini-generate',
    what: 'overload',
    bytes: sse(google(503, 'UNAVAILABLE', 'The model is overloaded.')),
    code: 'upstream_overloaded',
  },
];
