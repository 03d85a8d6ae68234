import { describe, expect, test } from 'vitest';
import type { Candidate } from '#contracts';
import { hedgeDelayMs } from './hedge-delay.ts';
import type { HedgePolicy } from './hedge-policy.ts';
import { createHedgeShare } from './hedge-share.ts';
import { hedgeTarget, type HedgeTargetInput } from './hedge-target.ts';

describe('the delay', () => {
  const P95 = { delayMs: undefined, percentile: 'p95', maxShare: 1 } as const;
  const measured = { firstTokenTimes: [0, 0, 100], answerTimes: [0, 0, 0, 0, 0, 0, 0, 100] };
  test.each<[string, HedgePolicy, boolean, object, number | undefined]>([
    ['is the fixed one', { ...P95, percentile: undefined, delayMs: 300 }, true, measured, 300],
    ['is the percentile of first tokens', P95, true, measured, 34],
    ['is that of whole answers where there is no stream', P95, false, measured, 125],
    ['is unknown where nothing is measured', P95, true, {}, undefined],
    ['is unknown with too few answers', P95, true, { firstTokenTimes: [19] }, undefined],
    ['is the fixed one until enough is measured', { ...P95, delayMs: 700 }, true, { firstTokenTimes: [19] }, 700],
  ])('%s', (_what, policy, stream, load, expected) => {
    const times = { firstTokenTimes: undefined, answerTimes: undefined, ...load };
    expect(hedgeDelayMs(policy, stream, times)).toBe(expected);
  });
});

describe('the share', () => {
  test('is kept over any number of requests, all of them late', () => {
    const share = createHedgeShare();
    let hedged = 0;
    for (let request = 0; request < 10_000; request += 1) {
      share.earn(0.05);
      if (share.take()) hedged += 1;
    }
    expect(hedged).toBe(501);
  });

  test('saves up ten hedges at most', () => {
    const share = createHedgeShare();
    for (let request = 0; request < 10_000; request += 1) share.earn(0.5);
    expect(Array.from({ length: 20 }, () => share.take()).filter(Boolean)).toHaveLength(10);
  });

  test('of nothing is the first one alone, and one that was not made comes back', () => {
    const share = createHedgeShare();
    share.earn(0);
    expect([share.take(), share.take()]).toEqual([true, false]);
    share.giveBack();
    expect(share.take()).toBe(true);
  });
});

describe('the second attempt goes to', () => {
  const at = (deploymentId: string, modelGroup = 'g', more: Partial<Candidate> = {}): Candidate => ({
    deploymentId,
    provider: 'p',
    tier: 't',
    modelGroup,
    ...more,
  });
  const plan = [at('a'), at('b'), at('a'), at('c'), at('d', 'fallback')];
  const free: HedgeTargetInput = { plan, cursor: 0, failures: [], isAvailable: () => true, waitFor: () => 0 };
  test.each<[string, Partial<HedgeTargetInput>, number | undefined]>([
    ['the next other deployment', {}, 1],
    ['one before the first', { cursor: 1 }, 0],
    ['none that this job has failed at', { failures: [{ cursor: 1, code: 'upstream_error' }] }, 3],
    ['none in cooldown', { isAvailable: (id) => id !== 'b' }, 3],
    ['none that others wait for', { waitFor: ({ deploymentId }) => (deploymentId === 'b' ? 500 : 0) }, 3],
    ['no other model', { isAvailable: (id) => id === 'd' }, undefined],
    ['nobody where there is one deployment', { plan: [at('a'), at('a')] }, undefined],
    ['nobody from a place that is none', { cursor: 9 }, undefined],
    ['no other fields of the client’s own fallbacks', { plan: [at('a'), at('b', 'g', { overrides: 0 })] }, undefined],
  ])('%s', (_where, change, expected) => expect(hedgeTarget({ ...free, ...change })).toBe(expected));
});
