import { describe, expect, it } from 'vitest';
import { mapError } from './map-error.ts';

function map(status: number | undefined, body: unknown, headers: Record<string, string> = {}) {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return mapError({ status, headers, body: Buffer.from(text), nowMs: Date.UTC(2026, 0, 1) });
}
const error = (fields: object) => ({ error: fields });

describe("a chat provider's error", () => {
  it.each([
    ['bad key', 401, error({ message: 'Incorrect API key provided', code: 'invalid_api_key' }), 'upstream_auth'],
    ['no access', 403, error({ message: 'Project lacks access' }), 'upstream_auth'],
    [
      'bad key as 400',
      400,
      error({ message: 'API key not valid. Please pass a valid API key.', status: 'INVALID_ARGUMENT' }),
      'upstream_auth',
    ],
    ['no balance', 402, error({ message: 'Insufficient Balance' }), 'upstream_quota'],
    [
      'used-up quota as 429',
      429,
      error({ message: 'You exceeded your current quota', type: 'insufficient_quota', code: 'insufficient_quota' }),
      'upstream_quota',
    ],
    ['rate limit', 429, error({ message: 'Rate limit reached', type: 'tokens', code: 'rate_limit_exceeded' }), 'upstream_rate_limited'],
    [
      'rate limit that mentions tokens',
      429,
      error({ message: 'Too many tokens in the context window, please wait' }),
      'upstream_rate_limited',
    ],
    [
      'rate limit in an array',
      429,
      [error({ code: 429, message: 'Resource exhausted', status: 'RESOURCE_EXHAUSTED' })],
      'upstream_rate_limited',
    ],
    ['time-out', 408, '', 'upstream_timeout'],
    ['gateway time-out', 504, '<html>504</html>', 'upstream_timeout'],
    ['overload', 503, error({ message: 'The engine is currently overloaded' }), 'upstream_overloaded'],
    ['overload as 500', 500, error({ message: 'That model is currently overloaded', type: 'server_error' }), 'upstream_overloaded'],
    ['flex capacity', 498, error({ message: 'capacity exceeded' }), 'upstream_overloaded'],
    ['server error', 500, error({ message: 'The server had an error', type: 'server_error' }), 'upstream_error'],
    ['bad gateway', 502, '<html>502</html>', 'upstream_error'],
    ['unknown model', 404, error({ message: 'The model does not exist', code: 'model_not_found' }), 'upstream_not_found'],
    ['too large', 413, '', 'body_too_large'],
    [
      'too large for the limit',
      413,
      error({ message: 'Request too large, TPM limit 6000', code: 'rate_limit_exceeded' }),
      'body_too_large',
    ],
    ['overlong by code', 400, error({ message: 'Too long', code: 'context_length_exceeded' }), 'context_length_exceeded'],
    [
      'overlong by text',
      400,
      error({ message: "This model's maximum context length is 8192 tokens", type: 'invalid_request_error' }),
      'context_length_exceeded',
    ],
    ['overlong, Groq', 400, error({ message: 'Please reduce the length of the messages or completion.' }), 'context_length_exceeded'],
    [
      'overlong, xAI',
      400,
      error({ message: 'maximum prompt length is 131072 but the request contains 200000' }),
      'context_length_exceeded',
    ],
    ['filtered', 400, error({ message: 'The response was filtered', code: 'content_filter' }), 'content_policy_violation'],
    [
      'filtered, Azure',
      400,
      error({ message: 'x', code: 'bad', innererror: { code: 'ResponsibleAIPolicyViolation' } }),
      'content_policy_violation',
    ],
    [
      'bad request',
      400,
      error({ message: "Unknown parameter: 'foo'", type: 'invalid_request_error', param: 'foo' }),
      'upstream_bad_request',
    ],
    ['bad request, flat list', 422, { detail: [{ msg: 'field required' }] }, 'upstream_bad_request'],
    ['teapot', 418, '', 'upstream_bad_request'],
    ['redirect', 302, '', 'upstream_error'],
    ['inside a 200, with a numeric code', undefined, error({ message: 'Provider returned error', code: 502 }), 'upstream_error'],
    ['inside a 200, rate limited', undefined, error({ message: 'slow down', code: 429 }), 'upstream_rate_limited'],
    ['inside a 200, bare', undefined, error({ message: 'boom' }), 'upstream_error'],
  ])('%s (%s)', (_name, status, body, code) => {
    expect(map(status, body).code).toBe(code);
  });

  it("keeps the provider's message and field when the request is at fault", () => {
    const mapped = map(400, error({ message: "Unknown parameter: 'foo'", param: 'foo' }));
    expect(mapped).toMatchObject({ message: "Unknown parameter: 'foo'", param: 'foo', upstreamStatus: 400 });
  });

  it('never shows a key or what was said about it (P8)', () => {
    const mapped = map(401, error({ message: 'Incorrect API key provided: sk-proj-abc123***wxyz. See https://x' }));
    expect(mapped.message).not.toContain('sk-');
    expect(String(mapped.cause)).not.toContain('abc123');
    expect(map(400, error({ message: 'bad header Bearer abcdef123456' })).message).toBe('bad header [redacted]');
  });

  it.each([
    ['<!doctype html><p>secret page</p>', 'The provider answered 502 with an HTML page instead of JSON.'],
    ['', 'The provider answered 502 with an empty body.'],
    ['upstream connect error 10.0.0.1', 'The provider answered 502 with a body that is not JSON.'],
    ['{"x":1}', 'The provider answered 502 without a message.'],
    ['[]', 'The provider answered 502 with a body that is not JSON.'],
    ['\u0000\u0001', 'The provider answered 502 with a body that is not JSON.'],
  ])('has a clear message for the body %j', (body, message) => {
    expect(map(502, body).message).toBe(message);
  });

  it.each<[string, Record<string, string>, object, number | undefined]>([
    ['retry-after-ms', { 'retry-after-ms': '1500', 'retry-after': '9' }, {}, 1_500],
    ['seconds', { 'retry-after': '2' }, {}, 2_000],
    ['part of a second', { 'retry-after': '0.25' }, {}, 250],
    ['a date by our clock', { 'retry-after': 'Thu, 01 Jan 2026 00:00:30 GMT' }, {}, 30_000],
    [
      "a date by the provider's clock",
      { 'retry-after': 'Thu, 01 Jan 2026 01:00:30 GMT', date: 'Thu, 01 Jan 2026 01:00:00 GMT' },
      {},
      30_000,
    ],
    ['a date in the past', { 'retry-after': 'Wed, 31 Dec 2025 00:00:00 GMT' }, {}, 0],
    ['RetryInfo', {}, { details: [{ '@type': 'x' }, { retryDelay: '39s' }] }, 39_000],
    [
      'the reset of the used-up limit',
      {
        'x-ratelimit-remaining-requests': '5',
        'x-ratelimit-reset-requests': '12ms',
        'x-ratelimit-remaining-tokens': '0',
        'x-ratelimit-reset-tokens': '6m0.5s',
      },
      {},
      360_500,
    ],
    ['a reset as a Unix time', { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(Date.UTC(2026, 0, 1, 0, 0, 10)) }, {}, 10_000],
    ['nothing', {}, {}, undefined],
    ['nonsense', { 'retry-after': 'soon', 'x-ratelimit-reset': 'later' }, {}, undefined],
  ])('reads the wait from %s', (_name, headers, fields, waitMs) => {
    expect(map(429, error({ message: 'Rate limit', ...fields }), headers).retryAfterMs).toBe(waitMs);
  });

  it('takes rate-limit resets for a wait on rate limits only', () => {
    expect(map(500, '', { 'x-ratelimit-reset-tokens': '6m0s', 'x-ratelimit-remaining-tokens': '0' }).retryAfterMs).toBeUndefined();
  });
});
