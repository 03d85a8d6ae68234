import { describe, expect, test } from 'vitest';
import type { AttemptFailure, Candidate, ErrorCode, RetryScope } from '#contracts';
import { ERROR_CODES } from '#contracts';
import { nextCandidate } from './next-candidate.ts';

/** `a:g`: deployment a of group g; `c:long?context_window`: only for that. */
function planOf(text: string): readonly Candidate[] {
  return text.split(' ').map((entry) => {
    const [, deploymentId = '', modelGroup = '', cause] = /^(\w+):(\w+)(?:\?(\w+))?$/.exec(entry) ?? [];
    const candidate = { deploymentId, provider: 'p', tier: 'standard', modelGroup };
    return cause === undefined ? candidate : { ...candidate, for: cause as 'context_window' };
  });
}

interface Case {
  readonly plan: string;
  readonly failed: readonly (readonly [cursor: number, code: ErrorCode])[];
  readonly retries?: number;
  readonly retry?: RetryScope;
  readonly cooling?: readonly string[];
}

function next({ plan, failed, retries = 2, retry, cooling = [] }: Case): string | undefined {
  const failures: AttemptFailure[] = failed.map(([cursor, code]) => ({ cursor, code }));
  const candidates = planOf(plan);
  const scope = retry ?? ERROR_CODES[failures.at(-1)?.code ?? 'internal_error'].retry;
  const found = nextCandidate({ plan: candidates, failures, retries, retry: scope, isAvailable: (id) => !cooling.includes(id) });
  if (found === undefined) return undefined;
  return `${candidates[found.cursor]?.deploymentId}${found.available ? '' : ' cooling'}`;
}

describe('after a failed attempt a job', () => {
  test.each<[string, Case, string | undefined]>([
    ['goes to the other deployment of its group', { plan: 'a:g b:g a:g', failed: [[0, 'upstream_error']] }, 'b'],
    [
      'goes back to the first when both have failed once',
      {
        plan: 'a:g b:g a:g',
        failed: [
          [0, 'upstream_error'],
          [1, 'upstream_error'],
        ],
      },
      'a',
    ],
    [
      'never goes back to one with a bad key',
      {
        plan: 'a:g b:g a:g',
        failed: [
          [0, 'upstream_auth'],
          [1, 'upstream_error'],
        ],
      },
      'b',
    ],
    [
      'never goes back to one whose quota is used up',
      {
        plan: 'a:g b:g a:g',
        failed: [
          [0, 'upstream_error'],
          [1, 'upstream_quota'],
        ],
      },
      'a',
    ],
    ['ends when nobody else is left for a bad key', { plan: 'a:g a:g a:g', failed: [[0, 'upstream_auth']] }, undefined],
    ['ends for a fault of the request', { plan: 'a:g b:g', failed: [[0, 'upstream_bad_request']] }, undefined],
    [
      'has more retries than the plan has places',
      {
        plan: 'a:g',
        failed: [
          [0, 'upstream_error'],
          [0, 'upstream_error'],
        ],
      },
      'a',
    ],
    [
      'has no more than its retries',
      {
        plan: 'a:g b:g',
        failed: [
          [0, 'upstream_error'],
          [1, 'upstream_error'],
          [0, 'upstream_error'],
        ],
      },
      undefined,
    ],
    ['goes to the fallback after its retries', { plan: 'a:g b:g c:h', failed: [[0, 'upstream_error']], retries: 0 }, 'c'],
    [
      'counts the retries of each group by itself',
      {
        plan: 'a:g c:h d:h',
        failed: [
          [0, 'upstream_error'],
          [1, 'upstream_error'],
        ],
        retries: 1,
      },
      'd',
    ],
    [
      'does not return to a group it has left',
      {
        plan: 'a:g b:g c:h',
        failed: [
          [0, 'upstream_error'],
          [2, 'upstream_error'],
        ],
        retries: 0,
      },
      undefined,
    ],
    ['passes by what is in cooldown', { plan: 'a:g b:g c:g', failed: [[0, 'upstream_error']], cooling: ['a', 'b'] }, 'c'],
    ['leaves its group early for a healthy fallback', { plan: 'a:g b:g c:h', failed: [[0, 'upstream_error']], cooling: ['a', 'b'] }, 'c'],
    [
      'is told when all that is left is in cooldown',
      { plan: 'a:g b:g', failed: [[0, 'upstream_error']], cooling: ['a', 'b'] },
      'b cooling',
    ],
  ])('%s', (_what, input, expected) => {
    expect(next(input)).toBe(expected);
  });
});

describe('a request that is too long, or refused for its content,', () => {
  const plan = 'a:g b:g l:long?context_window s:safe?content_policy c:h';
  test.each<[string, Case, string | undefined]>([
    ['goes straight to the group for long ones', { plan, failed: [[0, 'context_length_exceeded']] }, 'l'],
    ['goes straight to the group for refused ones', { plan, failed: [[0, 'content_policy_violation']] }, 's'],
    [
      'goes on with the general fallbacks',
      {
        plan,
        failed: [
          [0, 'context_length_exceeded'],
          [2, 'context_length_exceeded'],
        ],
      },
      'c',
    ],
    ['goes to another deployment where there is no such group', { plan: 'a:g b:g c:h', failed: [[0, 'context_length_exceeded']] }, 'b'],
    [
      'may become refused where it fits',
      {
        plan,
        failed: [
          [0, 'context_length_exceeded'],
          [2, 'content_policy_violation'],
        ],
      },
      's',
    ],
  ])('%s', (_what, input, expected) => {
    expect(next(input)).toBe(expected);
  });

  test('is the only one to be sent there', () => {
    expect(next({ plan, failed: [[0, 'upstream_error']], retries: 0 })).toBe('c');
  });
});

test('a refusal of the request goes to another deployment where a policy counts retries for it', () => {
  expect(next({ plan: 'a:g a:g b:g', failed: [[0, 'upstream_bad_request']], retry: 'elsewhere' })).toBe('b');
});
