import { describe, expect, test } from 'vitest';
import type { Deployment } from '#config';
import { type Candidate, GatewayError } from '#contracts';
import { admitPlan } from './admit-plan.ts';

const candidate = (deploymentId: string, modelGroup = 'g', more: Partial<Candidate> = {}): Candidate => ({
  deploymentId,
  modelGroup,
  provider: 'p',
  tier: 'standard',
  ...more,
});

function admit(plan: readonly Candidate[], waits: Readonly<Record<string, number>>, more: Partial<Parameters<typeof admitPlan>[0]> = {}) {
  return admitPlan({
    plan,
    place: { lane: 'live' },
    now: 0,
    deadlineAt: 10_000,
    refuseHopeless: true,
    queues: { isQuiet: false, waitFor: (_place, { deploymentId }) => waits[deploymentId] ?? 0 },
    deployment: () => undefined,
    ...more,
  }).map(({ deploymentId }) => deploymentId);
}

function refusal(action: () => unknown): GatewayError {
  try {
    action();
  } catch (error) {
    if (error instanceof GatewayError) return error;
  }
  throw new Error('was not refused');
}

describe('a plan', () => {
  const plan = [candidate('a'), candidate('b'), candidate('a'), candidate('f', 'fallback')];

  test('stays as the strategy made it while the first queue is short', () => {
    expect(admit(plan, { a: 900 })).toEqual(['a', 'b', 'a', 'f']);
    expect(admit(plan, { a: 99_000 }, { queues: { isQuiet: true, waitFor: () => 99_000 } })).toEqual(['a', 'b', 'a', 'f']);
  });

  test('begins with the shortest queue of the group when the first is long', () => {
    expect(admit(plan, { a: 5_000, b: 300 })).toEqual(['b', 'a', 'a', 'f']);
    expect(admit(plan, { a: 5_000, b: 6_000 })).toEqual(['a', 'b', 'a', 'f']);
  });

  test('goes to a fallback only when the whole group would miss the deadline', () => {
    expect(admit(plan, { a: 9_000, b: 20_000, f: 0 })).toEqual(['a', 'b', 'a', 'f']);
    expect(admit(plan, { a: 60_000, b: 20_000, f: 0 })).toEqual(['f', 'a', 'b', 'a']);
  });

  test('never begins with a fallback for another kind of failure', () => {
    const bound = [candidate('a'), candidate('w', 'wide', { for: 'context_window' })];
    expect(refusal(() => admit(bound, { a: 60_000 })).code).toBe('queue_full');
  });
});

describe('a request that nobody can serve in time', () => {
  const limited = { rpm: 60, tpm: undefined, maxParallelRequests: 2 } as Deployment;

  test('is refused as rate limited, with the limit and when to come again, where a limit is the reason', () => {
    const error = refusal(() => admit([candidate('a')], { a: 60_000 }, { deployment: () => limited }));
    expect(error).toMatchObject({ code: 'rate_limit_exceeded', status: 429, retryAfterMs: 50_000, retry: 'never' });
    expect(error.message).toContain('rpm 60, max_parallel_requests 2');
  });

  test('is refused as queue_full where the capacity is', () => {
    expect(refusal(() => admit([candidate('a')], { a: 60_000 }))).toMatchObject({ code: 'queue_full', status: 503, retryAfterMs: 50_000 });
  });

  test('is given the doubt of the estimate, and waits where the setting says so', () => {
    expect(admit([candidate('a')], { a: 12_000 })).toEqual(['a']);
    expect(admit([candidate('a')], { a: 60_000 }, { refuseHopeless: false })).toEqual(['a']);
  });
});
