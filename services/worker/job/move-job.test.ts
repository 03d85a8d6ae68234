import { describe, expect, test, vi } from 'vitest';
import { GatewayError, type GatewayErrorOptions, type ErrorCode, type JobMeta } from '#contracts';
import type { AttemptOutcome } from '../attempt/attempt-outcome.ts';
import { failedOutcome } from '../attempt/listener-input.ts';
import type { WorkerResources } from '../resources.ts';
import { nextMove, pauseUnlessCancelled } from './move-job.ts';
import { createRunningJob } from './running-job.ts';

const NOW = 100_000;
const candidate = (deploymentId: string) => ({ deploymentId, provider: 'p', tier: 'standard', modelGroup: 'g' });
const PLAN = [candidate('a'), candidate('b'), candidate('b')];
const ONLY_B = [candidate('b'), candidate('b')];

const jobAt = (cursor: number, change: Partial<JobMeta> = {}) =>
  createRunningJob(
    { id: 'job_1', attempt: cursor + 1, cursor, plan: PLAN, deadlineAt: NOW + 60_000, ...change } as JobMeta,
    1,
    () => undefined,
  );
const failed = (code: ErrorCode, options: GatewayErrorOptions = {}, known: Partial<AttemptOutcome> = {}) =>
  failedOutcome({ now: () => NOW, startedAt: NOW }, new GatewayError(code, 'x', options), known);
const resources = (retryAfterMs = 0, cooling: readonly string[] = []) =>
  ({
    now: () => NOW,
    random: () => 1,
    config: { router: { retryAfterMs, numRetries: 2 } },
    models: { deployment: () => undefined },
    health: {
      isAvailable: (id: string) => !cooling.includes(id),
      retryAtMs: (id: string) => (cooling.includes(id) ? NOW + 2_000 : undefined),
    },
  }) as unknown as WorkerResources;
/** The attempts before this one. */
const after = (...cursors: number[]) => cursors.map((cursor) => ({ cursor, code: 'upstream_error' as const }));

describe('after a failed attempt the job', () => {
  test('goes to the next deployment at once, with the reason', () => {
    expect(nextMove(jobAt(0), failed('upstream_overloaded'), resources(5_000))).toEqual({
      cursor: 1,
      reason: 'upstream_overloaded',
      pauseMs: 0,
      failures: [{ cursor: 0, code: 'upstream_overloaded' }],
    });
  });

  test.each<[string, Parameters<typeof nextMove>[0], AttemptOutcome]>([
    ['after a success', jobAt(0), { ...failed('upstream_error'), status: 'success', error: undefined }],
    ['once the client has text', jobAt(0), failed('upstream_truncated', {}, { relayed: true })],
    ['for a fault of the request', jobAt(0), failed('upstream_bad_request')],
    ['when its retries are used up', jobAt(2, { failures: after(0, 1) }), failed('upstream_error')],
    ['when the deadline comes before the pause is over', jobAt(1, { deadlineAt: NOW + 400, failures: after(0) }), failed('upstream_error')],
    ['when the deadline has passed', jobAt(0, { deadlineAt: NOW }), failed('upstream_error')],
    [
      'when the provider asks for more patience than a worker has',
      jobAt(1, { plan: ONLY_B }),
      failed('upstream_rate_limited', { retryAfterMs: 31_000 }),
    ],
  ])('stays where it is %s', (_what, job, outcome) => {
    expect(nextMove(job, outcome, resources())).toBeUndefined();
  });

  test('stays where it is once it is cancelled', () => {
    const job = jobAt(0);
    job.control({ type: 'cancel', job: 'job_1' });
    expect(nextMove(job, failed('upstream_error'), resources())).toBeUndefined();
  });

  test('waits before a retry on the same deployment as long as the provider asked', () => {
    const move = nextMove(jobAt(1, { plan: ONLY_B }), failed('upstream_rate_limited', { retryAfterMs: 3_000 }), resources());
    expect(move).toMatchObject({ cursor: 0, reason: 'upstream_rate_limited', pauseMs: 3_000 });
  });

  test('waits for the end of the cooldown when everybody is rate limited', () => {
    const move = nextMove(jobAt(0), failed('upstream_rate_limited'), resources(0, ['a', 'b']));
    expect(move).toMatchObject({ cursor: 1, pauseMs: 2_000 });
  });

  test('ends with 503 when all the others are in cooldown for another reason', () => {
    expect(nextMove(jobAt(0), failed('upstream_error'), resources(0, ['a', 'b']))).toMatchObject({
      code: 'no_healthy_deployment',
      retryAfterMs: 2_000,
    });
  });
});

describe('the pause before a retry', () => {
  test('lasts as long as it says', async () => {
    vi.useFakeTimers();
    try {
      let over = false;
      const waiting = pauseUnlessCancelled(jobAt(1), 3_000).then(() => (over = true));
      await vi.advanceTimersByTimeAsync(2_999);
      expect(over).toBe(false);
      await vi.advanceTimersByTimeAsync(1);
      await waiting;
      expect(over).toBe(true);
    } finally {
      vi.useRealTimers();
    }
  });

  test('ends at once when the job is cancelled', async () => {
    const job = jobAt(1);
    const waiting = pauseUnlessCancelled(job, 20_000);
    job.control({ type: 'cancel', job: 'job_1' });
    await waiting;
    expect(job.cancelled?.code).toBe('client_gone');
  });
});
