import { sse } from '../sse.ts';
import type { ErrorCase, StreamErrorCase } from './error-case.ts';

const line = (document: unknown) => Buffer.from(`${JSON.stringify(document)}\n`);
const cloudflare = (code: number, message: string) => ({ result: {}, success: false, errors: [{ code, message }], messages: [] });
const replicate = (status: number, title: string, detail: string) => ({ title, detail, status });

/** `[what, status, message, code]` */
const COHERE: readonly (readonly [string, number, string, ErrorCase['code']])[] = [
  ['rate limit', 429, 'You are past the per minute request limit, please wait and try again later.', 'upstream_rate_limited'],
  ['trial key by the minute', 429, 'You are using a Trial key, which is limited to 40 API calls / minute.', 'upstream_rate_limited'],
  ['trial key by the month', 429, 'You are using a Trial key, which is limited to 1000 API calls / month.', 'upstream_quota'],
  ['billing limit', 402, 'Please add or update your payment method', 'upstream_quota'],
  [
    'overlong prompt',
    400,
    'too many tokens: total number of tokens in the prompt cannot exceed 4081 - received 4292.',
    'context_length_exceeded',
  ],
  ['too long an answer asked for', 400, 'too many tokens: max tokens must be less than or equal to 4096', 'upstream_bad_request'],
  ['token', 401, 'invalid api token', 'upstream_auth'],
  ['token, by its own status', 498, 'invalid token', 'upstream_auth'],
  ['a cancelled request', 499, 'request cancelled', 'upstream_error'],
  ['unknown model', 404, "model 'x' not found", 'upstream_not_found'],
  ['a broken server', 500, 'internal server error', 'upstream_error'],
  ['overload', 503, 'service unavailable', 'upstream_overloaded'],
  ['timeout', 504, 'gateway timeout', 'upstream_timeout'],
];

const OLLAMA: readonly (readonly [string, number, string, ErrorCase['code']])[] = [
  ['too many waiting', 503, 'server busy, please try again.  maximum pending requests exceeded', 'upstream_overloaded'],
  ['unknown model', 404, "model 'x' not found", 'upstream_not_found'],
  ['overlong prompt', 400, 'the input length exceeds the context length', 'context_length_exceeded'],
  ['no memory', 500, 'model requires more system memory (8 GiB) than is available', 'upstream_error'],
  ['bad parameter', 400, 'invalid options: temperature', 'upstream_bad_request'],
  ['key of the cloud', 401, 'unauthorized', 'upstream_auth'],
  ['rate limit of the cloud', 429, 'too many requests', 'upstream_rate_limited'],
];

const CLOUDFLARE: readonly (readonly [string, number, number, string, ErrorCase['code']])[] = [
  ['the day’s allocation', 429, 3036, 'You have used up your daily free allocation of 10,000 neurons.', 'upstream_quota'],
  ['no capacity', 429, 3040, 'No more data centers to forward the request to', 'upstream_overloaded'],
  ['rate limit', 429, 971, 'Please wait and consider throttling your request speed', 'upstream_rate_limited'],
  ['timeout', 408, 3007, 'Request timeout', 'upstream_timeout'],
  ['aborted', 408, 3008, 'Request was aborted', 'upstream_timeout'],
  ['unknown model', 400, 5007, 'No such model @cf/x or task', 'upstream_not_found'],
  ['invalid model', 404, 3042, 'The model name is invalid', 'upstream_not_found'],
  ['terms', 403, 5016, 'User has not agreed to the model terms', 'upstream_auth'],
  ['account', 403, 3023, 'Service unavailable for account', 'upstream_auth'],
  ['key', 401, 10_000, 'Authentication error', 'upstream_auth'],
  ['bad input', 400, 5004, 'Invalid data type for base64 input: x', 'upstream_bad_request'],
  [
    'overlong prompt',
    413,
    5021,
    'The estimated number of tokens exceeded this model context window limit (8192).',
    'context_length_exceeded',
  ],
];

const REPLICATE: readonly (readonly [string, number, string, string, ErrorCase['code'], number?])[] = [
  [
    'rate limit, wait in words',
    429,
    'Too many requests',
    'Request was throttled. Your rate limit resets in ~30s.',
    'upstream_rate_limited',
    30_000,
  ],
  ['credit', 402, 'Insufficient credit', 'You have insufficient credit to run this model.', 'upstream_quota'],
  ['key', 401, 'Unauthenticated', 'You did not pass a valid authentication token', 'upstream_auth'],
  ['unknown model', 404, 'Not found', 'The requested resource could not be found.', 'upstream_not_found'],
  ['bad input', 422, 'Input validation failed', '- input.temperature: Must be less than or equal to 5', 'upstream_bad_request'],
  ['a broken server', 500, 'Internal error', 'An error occurred', 'upstream_error'],
];

export const OWN_FORMAT_ERRORS: readonly ErrorCase[] = [
  ...COHERE.map(([what, status, message, code]) => ({ dialect: 'cohere-chat' as const, what, status, body: { id: 'x', message }, code })),
  ...OLLAMA.map(([what, status, error, code]) => ({ dialect: 'ollama-chat' as const, what, status, body: { error }, code })),
  ...CLOUDFLARE.map(([what, status, number, message, code]) => {
    return { dialect: 'workers-ai-run' as const, what, status, body: cloudflare(number, message), code };
  }),
  ...REPLICATE.map(([what, status, title, detail, code, retryAfterMs]) => {
    const wait = retryAfterMs === undefined ? {} : { retryAfterMs };
    return { dialect: 'replicate-predictions' as const, what, status, body: replicate(status, title, detail), code, ...wait };
  }),
];

const cohereEnd = (delta: unknown) => sse({ type: 'message-end', delta }, 'message-end');
const failed = (error: string) => line({ id: 'p1', status: 'failed', output: null, error });

export const OWN_FORMAT_STREAM_ERRORS: readonly StreamErrorCase[] = [
  {
    dialect: 'cohere-chat',
    what: 'an error as the end',
    bytes: cohereEnd({ finish_reason: 'ERROR', error: 'stream failed' }),
    code: 'upstream_error',
  },
  { dialect: 'cohere-chat', what: 'a timeout as the end', bytes: cohereEnd({ finish_reason: 'TIMEOUT' }), code: 'upstream_timeout' },
  {
    dialect: 'ollama-chat',
    what: 'an error line',
    bytes: line({ error: 'model runner has unexpectedly stopped' }),
    code: 'upstream_error',
  },
  { dialect: 'ollama-chat', what: 'overload', bytes: line({ error: 'the server is overloaded' }), code: 'upstream_overloaded' },
  {
    dialect: 'workers-ai-run',
    what: 'no capacity',
    bytes: sse(cloudflare(3040, 'Capacity temporarily exceeded')),
    code: 'upstream_overloaded',
  },
  {
    dialect: 'workers-ai-run',
    what: 'an error of OpenAI’s shape',
    bytes: sse({ error: { message: 'failed', type: 'server_error' } }),
    code: 'upstream_error',
  },
  {
    dialect: 'replicate-predictions',
    what: 'no capacity',
    bytes: failed('Service is temporarily unavailable. (E004)'),
    code: 'upstream_overloaded',
  },
  {
    dialect: 'replicate-predictions',
    what: 'content policy',
    bytes: failed('The input was flagged as sensitive. (E005)'),
    code: 'content_policy_violation',
  },
  { dialect: 'replicate-predictions', what: 'a failure of the model', bytes: failed('CUDA out of memory'), code: 'upstream_error' },
  {
    dialect: 'replicate-predictions',
    what: 'a cancelled prediction',
    bytes: line({ id: 'p1', status: 'canceled', output: null }),
    code: 'upstream_error',
  },
];
