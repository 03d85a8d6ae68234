import { describe, expect, test } from 'vitest';
import { ERROR_CODES, type ErrorCode } from '#contracts';
import { retriesAllowed, retryScopeOf, type RetryRules } from './retries-allowed.ts';

function rules(change: Partial<Omit<RetryRules, 'router'>> & { readonly router?: Partial<RetryRules['router']> } = {}): RetryRules {
  return { requested: undefined, modelGroup: 'g', deployment: undefined, ...change, router: { numRetries: 2, ...change.router } };
}

describe('a group gets', () => {
  const byKind = { retryPolicy: { rate_limit: 5, internal_server: 0 }, modelGroupRetryPolicy: { g: { rate_limit: 7 } } };
  test.each<[string, ErrorCode, RetryRules, number]>([
    ['the router’s retries', 'upstream_error', rules(), 2],
    ['those of its deployment', 'upstream_error', rules({ deployment: { numRetries: 4 } }), 4],
    ['those of the policy for the kind of failure', 'upstream_error', rules({ router: byKind, deployment: { numRetries: 4 } }), 0],
    ['those of its own policy', 'upstream_rate_limited', rules({ router: byKind }), 7],
    ['those of the general policy where its own says nothing', 'upstream_error', rules({ router: byKind }), 0],
    ['the router’s where no policy names the kind', 'upstream_timeout', rules({ router: byKind }), 2],
    ['those of the policy for server errors after an overload', 'upstream_overloaded', rules({ router: byKind }), 0],
    ['what the client asked for, whatever else is said', 'upstream_rate_limited', rules({ router: byKind, requested: 1 }), 1],
    [
      'no policy of a group that a client calls constructor',
      'upstream_error',
      rules({ router: { modelGroupRetryPolicy: {} }, modelGroup: 'constructor' }),
      2,
    ],
  ])('%s', (_what, code, given, expected) => {
    expect(retriesAllowed(code, given)).toBe(expected);
  });
});

describe('a refusal of the request', () => {
  const error = { code: 'upstream_bad_request', retry: ERROR_CODES.upstream_bad_request.retry } as const;
  test('is never retried', () => {
    expect(retryScopeOf(error, rules())).toBe('never');
    expect(retryScopeOf(error, rules({ requested: 3 }))).toBe('never');
  });
  test('is tried at another deployment where a policy counts retries for it by name', () => {
    expect(retryScopeOf(error, rules({ router: { retryPolicy: { bad_request: 1 } } }))).toBe('elsewhere');
  });
});
