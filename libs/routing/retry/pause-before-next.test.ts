import { describe, expect, test } from 'vitest';
import { pauseBeforeNext } from './pause-before-next.ts';

describe('the pause before the next attempt', () => {
  const pause = (change: Partial<Parameters<typeof pauseBeforeNext>[0]>) =>
    pauseBeforeNext({ failedThere: 1, sameDeployment: true, providerAskedMs: undefined, floorMs: 0, random: () => 1, ...change });

  test.each([
    ['is none before a deployment that has not failed', pause({ failedThere: 0, sameDeployment: false, floorMs: 5_000 }), 0],
    ['is what the provider asked for', pause({ providerAskedMs: 3_000 }), 3_000],
    ['is not what another provider asked for', pause({ providerAskedMs: 3_000, sameDeployment: false }), 500],
    ['is never less than the floor of the configuration', pause({ providerAskedMs: 100, floorMs: 5_000 }), 5_000],
    ['is half a second first', pause({}), 500],
    ['doubles', pause({ failedThere: 3 }), 2_000],
    ['grows to eight seconds at most', pause({ failedThere: 40 }), 8_000],
    ['varies by a quarter', pause({ random: () => 0 }), 375],
  ])('%s', (_what, pauseMs, expected) => {
    expect(pauseMs).toBe(expected);
  });
});
