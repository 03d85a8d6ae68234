import { describe, expect, it } from 'vitest';
import { mapError } from './map-error.ts';

function map(status: number | undefined, type: string, message: string, headers: Record<string, string> = {}) {
  const body = Buffer.from(JSON.stringify({ type: 'error', error: { type, message }, request_id: 'req_1' }));
  return mapError({ status, headers, body, nowMs: Date.UTC(2026, 0, 1) });
}

describe("an Anthropic provider's error", () => {
  it.each([
    [400, 'invalid_request_error', 'messages.0: bad', 'upstream_bad_request'],
    [400, 'invalid_request_error', 'prompt is too long: 210000 tokens > 200000 maximum', 'context_length_exceeded'],
    [400, 'invalid_request_error', 'Your credit balance is too low to access the API', 'upstream_quota'],
    [401, 'authentication_error', 'invalid x-api-key', 'upstream_auth'],
    [402, 'billing_error', 'pay', 'upstream_quota'],
    [403, 'permission_error', 'no', 'upstream_auth'],
    [404, 'not_found_error', 'model: claude-x', 'upstream_not_found'],
    [413, 'request_too_large', 'Request exceeds the maximum size', 'body_too_large'],
    [429, 'rate_limit_error', 'slow', 'upstream_rate_limited'],
    [429, 'rate_limit_error', 'This would exceed your monthly spend limit', 'upstream_quota'],
    [500, 'api_error', 'Internal server error', 'upstream_error'],
    [504, 'timeout_error', 'late', 'upstream_timeout'],
    [529, 'overloaded_error', 'Overloaded', 'upstream_overloaded'],
    [undefined, 'overloaded_error', 'Overloaded', 'upstream_overloaded'],
    [undefined, 'api_error', 'Internal server error', 'upstream_error'],
  ])('%s %s (%s) is %s', (status, type, message, code) => {
    expect(map(status, type, message).code).toBe(code);
  });

  it.each([
    [429, 'rate_limit_error', 'contract_spend_limit_reached', 'upstream_quota'],
    [429, 'rate_limit_error', 'something_new', 'upstream_rate_limited'],
    [402, 'billing_error', 'linked_organization_billing_unavailable', 'upstream_quota'],
  ])('%s %s with the code %s is %s', (status, type, errorCode, code) => {
    const body = Buffer.from(JSON.stringify({ type: 'error', error: { type, message: 'x', details: { error_code: errorCode } } }));
    expect(mapError({ status, headers: {}, body, nowMs: 0 }).code).toBe(code);
  });

  it('tells the wait from the reset time of the used-up limit', () => {
    const headers = {
      'anthropic-ratelimit-requests-remaining': '10',
      'anthropic-ratelimit-requests-reset': '2026-01-01T00:00:05Z',
      'anthropic-ratelimit-input-tokens-remaining': '0',
      'anthropic-ratelimit-input-tokens-reset': '2026-01-01T00:00:42Z',
    };
    expect(map(429, 'rate_limit_error', 'slow', headers).retryAfterMs).toBe(42_000);
  });
});
