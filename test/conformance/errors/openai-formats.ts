import { sse } from '../sse.ts';
import type { ErrorCase, StreamErrorCase } from './error-case.ts';

const openai = (message: string, type: string, code: string | null = null) => ({ error: { message, type, param: null, code } });
const mistral = (message: unknown, type: string, code: string | null) => ({ object: 'error', message, type, param: null, code });
const watsonx = (status: number, code: string, message: string) => ({
  errors: [{ code, message, more_info: 'x' }],
  trace: 't',
  status_code: status,
});

const SHARED: readonly Omit<ErrorCase, 'dialect'>[] = [
  {
    what: 'rate limit, by the reset of what is used up',
    status: 429,
    headers: {
      'x-ratelimit-remaining-requests': '0',
      'x-ratelimit-reset-requests': '1m30s',
      'x-ratelimit-remaining-tokens': '10',
      'x-ratelimit-reset-tokens': '6m0s',
    },
    body: openai('Rate limit reached for requests', 'requests', 'rate_limit_exceeded'),
    code: 'upstream_rate_limited',
    retryAfterMs: 90_000,
  },
  {
    what: 'rate limit in milliseconds',
    status: 429,
    headers: { 'retry-after-ms': '250', 'retry-after': '1' },
    body: openai('Slow down', 'tokens'),
    code: 'upstream_rate_limited',
    retryAfterMs: 250,
  },
  {
    what: 'quota that looks like a rate limit',
    status: 429,
    body: openai('You exceeded your current quota', 'insufficient_quota', 'insufficient_quota'),
    code: 'upstream_quota',
  },
  { what: 'overload', status: 503, body: openai('The engine is currently overloaded', 'server_error'), code: 'upstream_overloaded' },
  { what: 'a broken server', status: 500, body: openai('The server had an error', 'server_error'), code: 'upstream_error' },
  {
    what: 'overlong prompt',
    status: 400,
    body: openai("This model's maximum context length is 8192 tokens.", 'invalid_request_error', 'context_length_exceeded'),
    code: 'context_length_exceeded',
  },
  {
    what: 'content policy',
    status: 400,
    body: {
      error: {
        ...openai('filtered', 'invalid_request_error', 'content_filter').error,
        innererror: { code: 'ResponsibleAIPolicyViolation' },
      },
    },
    code: 'content_policy_violation',
  },
  {
    what: 'key',
    status: 401,
    body: openai('Incorrect API key provided', 'invalid_request_error', 'invalid_api_key'),
    code: 'upstream_auth',
  },
  {
    what: 'unknown model',
    status: 404,
    body: openai('The model does not exist', 'invalid_request_error', 'model_not_found'),
    code: 'upstream_not_found',
  },
  { what: 'bad parameter', status: 400, body: openai("Invalid 'n'", 'invalid_request_error'), code: 'upstream_bad_request' },
];

export const OPENAI_ERRORS: readonly ErrorCase[] = [
  ...SHARED.flatMap((shared) => [
    { ...shared, dialect: 'openai-chat' as const },
    { ...shared, dialect: 'openai-responses' as const },
  ]),
  {
    dialect: 'openai-chat',
    what: 'balance (DeepSeek)',
    status: 402,
    body: openai('Insufficient Balance', 'unknown_error'),
    code: 'upstream_quota',
  },
  { dialect: 'openai-chat', what: 'no capacity (Groq)', status: 498, body: openai('flex capacity', 'x'), code: 'upstream_overloaded' },
  {
    dialect: 'openai-chat',
    what: 'error as text (xAI)',
    status: 400,
    body: { code: 'x', error: 'Incorrect API key provided: sk-abcd1234' },
    code: 'upstream_auth',
  },
  {
    dialect: 'openai-responses',
    what: 'safety',
    status: 400,
    body: openai('flagged', 'x', 'invalid_prompt'),
    code: 'content_policy_violation',
  },
  {
    dialect: 'mistral-chat',
    what: 'rate limit',
    status: 429,
    headers: { 'ratelimitbysize-remaining': '0', 'ratelimitbysize-reset': '38' },
    body: mistral('Rate limit exceeded', 'rate_limited', '1300'),
    code: 'upstream_rate_limited',
    retryAfterMs: 38_000,
  },
  {
    dialect: 'mistral-chat',
    what: 'no capacity, labelled',
    status: 429,
    body: mistral('x', 'service_tier_capacity_exceeded', '3505'),
    code: 'upstream_overloaded',
  },
  {
    dialect: 'mistral-chat',
    what: 'no capacity, in words alone',
    status: 429,
    body: mistral('Service tier capacity exceeded for this model.', 'invalid_request_error', null),
    code: 'upstream_overloaded',
  },
  {
    dialect: 'mistral-chat',
    what: 'overlong prompt',
    status: 400,
    body: mistral('Prompt contains 65673 tokens', 'invalid_request_prompt', '3051'),
    code: 'context_length_exceeded',
  },
  {
    dialect: 'mistral-chat',
    what: 'unknown model',
    status: 400,
    body: mistral('Invalid model: x', 'invalid_model', '1500'),
    code: 'upstream_not_found',
  },
  { dialect: 'mistral-chat', what: 'key', status: 401, body: { detail: 'Unauthorized' }, code: 'upstream_auth' },
  { dialect: 'mistral-chat', what: 'payment', status: 402, body: { detail: 'Payment required' }, code: 'upstream_quota' },
  {
    dialect: 'mistral-chat',
    what: 'a field it does not know',
    status: 422,
    body: mistral(
      { detail: [{ type: 'extra_forbidden', loc: ['body', 'user'], msg: 'Extra inputs are not permitted' }] },
      'invalid_request_error',
      null,
    ),
    code: 'upstream_bad_request',
  },
  {
    dialect: 'watsonx-chat',
    what: 'rate limit',
    status: 429,
    headers: { 'retry-after': '3' },
    body: watsonx(429, 'rate_limit_reached_requests', 'Rate limit of 2 requests per 1s was reached'),
    code: 'upstream_rate_limited',
    retryAfterMs: 3_000,
  },
  {
    dialect: 'watsonx-chat',
    what: 'quota',
    status: 403,
    body: watsonx(403, 'token_quota_reached', 'The quota of the plan is reached'),
    code: 'upstream_quota',
  },
  {
    dialect: 'watsonx-chat',
    what: 'token',
    status: 401,
    body: watsonx(401, 'authentication_token_expired', 'Failed to authenticate'),
    code: 'upstream_auth',
  },
  {
    dialect: 'watsonx-chat',
    what: 'unknown model',
    status: 404,
    body: watsonx(404, 'model_not_supported', 'Model x is not supported'),
    code: 'upstream_not_found',
  },
  {
    dialect: 'watsonx-chat',
    what: 'overlong prompt',
    status: 400,
    body: watsonx(
      400,
      'invalid_input_argument',
      'the number of input tokens 9000 cannot exceed the total tokens limit 8192 for this model',
    ),
    code: 'context_length_exceeded',
  },
  {
    dialect: 'watsonx-chat',
    what: 'the model behind it',
    status: 500,
    body: watsonx(500, 'downstream_request_failed', 'Downstream failed'),
    code: 'upstream_error',
  },
  {
    dialect: 'watsonx-chat',
    what: 'overload',
    status: 503,
    body: watsonx(503, 'service_unavailable', 'Try again'),
    code: 'upstream_overloaded',
  },
];

export const OPENAI_STREAM_ERRORS: readonly StreamErrorCase[] = [
  {
    dialect: 'openai-chat',
    what: 'overload',
    bytes: sse(openai('The engine is currently overloaded', 'server_error')),
    code: 'upstream_overloaded',
  },
  {
    dialect: 'openai-chat',
    what: 'no credits (OpenRouter)',
    bytes: sse({ error: { code: 402, message: 'Insufficient credits' }, choices: [] }),
    code: 'upstream_quota',
  },
  {
    dialect: 'openai-responses',
    what: 'rate limit',
    bytes: sse({ type: 'error', code: 'rate_limit_exceeded', message: 'Slow down' }, 'error'),
    code: 'upstream_rate_limited',
  },
  {
    dialect: 'mistral-chat',
    what: 'no capacity',
    bytes: sse(mistral('x', 'service_tier_capacity_exceeded', '3505')),
    code: 'upstream_overloaded',
  },
  {
    dialect: 'watsonx-chat',
    what: 'an error event',
    bytes: sse(watsonx(429, 'rate_limit_reached_requests', 'Rate limit'), 'error'),
    code: 'upstream_rate_limited',
  },
  {
    dialect: 'watsonx-chat',
    what: 'errors in place of a chunk',
    bytes: sse(watsonx(500, 'downstream_request_failed', 'failed'), 'message'),
    code: 'upstream_error',
  },
];
