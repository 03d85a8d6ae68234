import { expect, test } from 'vitest';
import { type ErrorCode, ERROR_CODES, GatewayError } from '#contracts';
import { isKeptError } from './kept-error.ts';

test('only what is wrong with the request itself is its answer for good', () => {
  const kept = (Object.keys(ERROR_CODES) as ErrorCode[]).filter((code) => isKeptError(new GatewayError(code, '')));
  expect(kept.toSorted()).toEqual([
    'body_too_large',
    'content_policy_violation',
    'context_length_exceeded',
    'guardrail_blocked',
    'invalid_json',
    'invalid_request',
    'previous_response_not_found',
    'unsupported_media_type',
    'unsupported_parameter',
    'upstream_bad_request',
  ]);
});

test('a failure that passes, a limit, a cancel and a client that left are not', () => {
  for (const code of ['upstream_error', 'worker_lost', 'upstream_timeout', 'rate_limit_exceeded', 'cancelled', 'client_gone'] as const) {
    expect(isKeptError(new GatewayError(code, ''))).toBe(false);
  }
});
