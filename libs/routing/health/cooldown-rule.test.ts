import { describe, expect, test } from 'vitest';
import type { ErrorCode } from '#contracts';
import { type CooldownRule, countsAsFailure, isCooldownDue } from './cooldown-rule.ts';
import { createFailureCounter } from './failure-window.ts';

const DEFAULT: CooldownRule = { allowedFails: undefined, allowedFailsPolicy: undefined, hasAlternative: true, isWildcard: false };
const ALONE: CooldownRule = { ...DEFAULT, hasAlternative: false };

/** Whether a deployment goes out with the last of these; 1 is a success. */
function isDue(events: readonly (ErrorCode | 1)[], rule: CooldownRule): boolean {
  const counter = createFailureCounter();
  let due = false;
  for (const event of events) {
    if (event === 1) counter.succeeded(0);
    else counter.failed(event, 0);
    due = event !== 1 && isCooldownDue(event, counter.window, rule);
  }
  return due;
}
const times = (count: number, event: ErrorCode | 1) => Array.from({ length: count }, () => event);

describe('without settings a deployment with an alternative goes out', () => {
  test.each<[string, (ErrorCode | 1)[], boolean]>([
    ['at its first rate limit', ['upstream_rate_limited'], true],
    ['at its first refused key', ['upstream_auth'], true],
    ['when its quota is used up', ['upstream_quota'], true],
    ['when it does not know its model', ['upstream_not_found'], true],
    ['not at its first other failure', ['upstream_error'], false],
    ['at the second failure without a success', ['upstream_error', 'upstream_timeout'], true],
    ['not at two failures of four calls', [1, 1, 'upstream_error', 'upstream_error'], false],
    ['not at half of its calls', [1, 1, 1, ...times(3, 'upstream_error')], false],
    ['at more than half of five calls', [1, 1, ...times(3, 'upstream_error')], true],
    ['at five failures in a row after many successes', [...times(100, 1), ...times(5, 'upstream_error')], true],
    ['never for what is wrong with requests', [...times(50, 'upstream_bad_request'), ...times(50, 'context_length_exceeded')], false],
    ['never for what is wrong with the gateway', times(50, 'internal_error'), false],
  ])('%s', (_what, events, expected) => {
    expect(isDue(events, DEFAULT)).toBe(expected);
  });

  test('of many models not for one that is unknown', () => {
    expect(isDue(times(3, 'upstream_not_found').slice(0, 1), { ...DEFAULT, isWildcard: true })).toBe(false);
  });
});

describe('the only deployment of a group without a fallback stays', () => {
  test.each<[string, (ErrorCode | 1)[], boolean]>([
    ['through rate limits', times(20, 'upstream_rate_limited'), true],
    ['through refused keys', times(20, 'upstream_auth'), true],
    ['through 999 failures', times(999, 'upstream_error'), true],
    ['not through 1,000 of 1,000', times(1_000, 'upstream_error'), false],
    ['through 4 calls that nobody answered', times(4, 'upstream_unreachable'), true],
    ['not through 5 in a row', times(5, 'upstream_unreachable'), false],
    ['through 5 that were not in a row', [...times(4, 'upstream_unreachable'), 1, 'upstream_unreachable'], true],
  ])('%s', (_what, events, stays) => {
    expect(isDue(events, ALONE)).toBe(!stays);
  });
});

describe('with allowed_fails a deployment goes out', () => {
  test('at one more failure in a minute than that, alone or not', () => {
    for (const rule of [DEFAULT, ALONE]) {
      expect(isDue(times(3, 'upstream_rate_limited'), { ...rule, allowedFails: 3 })).toBe(false);
      expect(isDue(times(4, 'upstream_rate_limited'), { ...rule, allowedFails: 3 })).toBe(true);
    }
  });

  test('by kind of failure, where the policy names the kind', () => {
    const rule = { ...DEFAULT, allowedFails: 100, allowedFailsPolicy: { rate_limit: 1, internal_server: 2, bad_request: 0 } };
    expect(isDue(times(1, 'upstream_rate_limited'), rule)).toBe(false);
    expect(isDue([...times(1, 'upstream_error'), ...times(2, 'upstream_rate_limited')], rule)).toBe(true);
    expect(isDue([...times(2, 'upstream_error'), 'upstream_timeout'], rule)).toBe(false);
    expect(isDue([...times(2, 'upstream_error'), 'upstream_overloaded'], rule)).toBe(true);
  });

  test('for refusals of requests only where the policy names them', () => {
    expect(countsAsFailure('upstream_bad_request', { allowedFailsPolicy: { rate_limit: 1 } })).toBe(false);
    expect(isDue(['upstream_bad_request'], { ...DEFAULT, allowedFailsPolicy: { bad_request: 0 } })).toBe(true);
  });
});

test('failures count for a minute, those in a row until a success', () => {
  const counter = createFailureCounter();
  counter.failed('upstream_unreachable', 0);
  counter.failed('upstream_unreachable', 59_999);
  expect(counter.window).toMatchObject({ failures: 2, unreachableInARow: 2 });
  counter.failed('upstream_unreachable', 60_000);
  expect(counter.window).toMatchObject({ failures: 1, unreachableInARow: 3, byKind: { bad_gateway: 1 } });
  counter.succeeded(60_001);
  expect(counter.window).toMatchObject({ failures: 1, successes: 1, inARow: 0, unreachableInARow: 0 });
});
