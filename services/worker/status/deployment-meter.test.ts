import { describe, expect, test } from 'vitest';
import { createDeploymentMeter, type MeteredCall } from './deployment-meter.ts';

const NOW = Date.UTC(2026, 0, 1, 12, 0, 30);

function meterAt() {
  const clock = { now: NOW };
  const meter = createDeploymentMeter(() => clock.now);
  const digest = (id = 'a') => meter.digests().find((one) => one.id === id);
  const run = (change: Partial<MeteredCall> = {}, inputTokens = 10) => {
    const ended = meter.started('a', inputTokens);
    ended({
      startedAt: clock.now,
      firstTokenAt: clock.now + 100,
      endedAt: clock.now + 1_000,
      stream: true,
      outputTokens: 20,
      tokens: 50,
      result: 'success',
      ...change,
    });
  };
  return { clock, meter, digest, run };
}

describe('a worker’s meter', () => {
  test('counts a call from its start to its end', () => {
    const { meter, digest, run } = meterAt();
    meter.started('a', 10);
    expect(digest()).toMatchObject({ inFlight: 1, requests: 1, tokens: 10, samples: 0 });
    run();
    expect(digest()).toMatchObject({
      inFlight: 1,
      requests: 2,
      tokens: 60,
      samples: 1,
      firstTokenMs: 100,
      msPerToken: 50,
      outputTokens: 20,
    });
  });

  test('begins its counts anew with the minute, and keeps its averages and the calls under way', () => {
    const { clock, meter, digest, run } = meterAt();
    run();
    meter.started('a', 10);
    clock.now += 60_000;
    meter.started('a', 5);
    expect(digest()).toMatchObject({ inFlight: 2, requests: 1, tokens: 5, errors: 0, msPerToken: 50 });
  });

  test('averages over about the last ten answers', () => {
    const { digest, run } = meterAt();
    for (let i = 0; i < 30; i += 1) run();
    expect(digest()).toMatchObject({ firstTokenMs: 100, samples: 10 });
    for (let i = 0; i < 20; i += 1) run({ firstTokenAt: NOW + 400 });
    expect(digest()?.firstTokenMs).toBeGreaterThan(390);
  });

  test.each<[MeteredCall['result'], object]>([
    ['failure', { errors: 1, samples: 0, measuredAt: 0 }],
    ['cancelled', { errors: 0, samples: 0 }],
    ['timeout', { errors: 1, samples: 1, firstTokenMs: 1_000 }],
  ])('takes from a %s what it says about the deployment', (result, expected) => {
    const { digest, run } = meterAt();
    run({ result, firstTokenAt: undefined, outputTokens: 0 });
    expect(digest()).toMatchObject({ inFlight: 0, ...expected });
  });

  test('measures no first token of answers in one piece', () => {
    const { digest, run } = meterAt();
    run({ stream: false });
    expect(digest()).toMatchObject({ firstTokenMs: undefined, msPerToken: 50 });
  });

  test('counts times in buckets where it is told to, calls that were overtaken with the time they had', () => {
    const clock = { now: NOW };
    const meter = createDeploymentMeter(() => clock.now, { withTimes: true });
    const run = (change: Partial<MeteredCall>) =>
      meter.started(
        'a',
        1,
      )({ startedAt: NOW, firstTokenAt: undefined, endedAt: NOW, stream: true, outputTokens: 1, tokens: 2, result: 'success', ...change });
    run({ firstTokenAt: NOW + 20, endedAt: NOW + 900 });
    run({ endedAt: NOW + 26, result: 'overtaken' });
    run({ endedAt: NOW + 26, result: 'cancelled' });
    run({ endedAt: NOW + 26, result: 'failure' });
    run({ firstTokenAt: NOW + 20, endedAt: NOW + 20, stream: false });
    expect(meter.digests()[0]).toMatchObject({ firstTokenTimes: [1, 1], answerTimes: [1], samples: 2 });
  });

  test('has something to tell when something has changed, and every second while calls are under way', () => {
    const { clock, meter } = meterAt();
    expect(meter.due()).toBeUndefined();
    const ended = meter.started('a', 1);
    expect(meter.due()).toHaveLength(1);
    clock.now += 999;
    expect(meter.due()).toBeUndefined();
    clock.now += 1;
    expect(meter.due()).toHaveLength(1);
    ended({ startedAt: 0, firstTokenAt: 0, endedAt: 0, stream: false, outputTokens: 0, tokens: 0, result: 'cancelled' });
    expect(meter.due()).toHaveLength(1);
    clock.now += 60_000;
    expect(meter.due()).toBeUndefined();
  });

  test('forgets deployments that nobody has used for hours', () => {
    const { clock, meter, run } = meterAt();
    run();
    clock.now += 7 * 3_600_000;
    expect(meter.digests()).toEqual([]);
  });
});
