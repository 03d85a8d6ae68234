import { describe, expect, test } from 'vitest';
import type { RetryScope } from '#contracts';
import { nextCandidate, pauseBeforeNext } from './next-candidate.ts';

const plan = ['a', 'a', 'b', 'a'].map((deploymentId) => ({ deploymentId, provider: 'p', tier: 'standard', modelGroup: 'g' }));

describe('after a failed attempt', () => {
  test.each<[string, RetryScope, number, number | undefined]>([
    ['a passing fault goes to the next in the plan, though it is the same deployment', 'anywhere', 0, 1],
    ['a fault of the deployment skips its other entries', 'elsewhere', 0, 2],
    ['a fault of the deployment in the middle goes on', 'elsewhere', 2, 3],
    ['a fault of the request ends the job', 'never', 0, undefined],
    ['the end of the plan ends the job', 'anywhere', 3, undefined],
    ['a fault of the last deployment left ends the job', 'elsewhere', 3, undefined],
  ])('%s', (_what, retry, cursor, expected) => {
    expect(nextCandidate({ plan, cursor, retry })).toBe(expected);
  });
});

describe('the pause before the next attempt', () => {
  const pause = (change: Partial<Parameters<typeof pauseBeforeNext>[0]>) =>
    pauseBeforeNext({ sameDeployment: true, attempt: 1, providerAskedMs: undefined, floorMs: 0, random: () => 1, ...change });

  test.each([
    ['is none before another deployment', pause({ sameDeployment: false, providerAskedMs: 5_000, floorMs: 5_000 }), 0],
    ['is what the provider asked for', pause({ providerAskedMs: 3_000 }), 3_000],
    ['is never less than the floor of the configuration', pause({ providerAskedMs: 100, floorMs: 5_000 }), 5_000],
    ['is half a second first', pause({}), 500],
    ['doubles', pause({ attempt: 3 }), 2_000],
    ['grows to eight seconds at most', pause({ attempt: 40 }), 8_000],
    ['varies by a quarter', pause({ random: () => 0 }), 375],
  ])('%s', (_what, pauseMs, expected) => {
    expect(pauseMs).toBe(expected);
  });
});
