import { expect, test } from 'vitest';
import { createBackoff } from './backoff.ts';

test('each failure in a row waits twice as long, up to 5 s', () => {
  const backoff = createBackoff();
  expect(Array.from({ length: 8 }, () => backoff.next(0))).toEqual([100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000]);
});

test('30 s of health start the count again; less does not', () => {
  const backoff = createBackoff();
  backoff.next(0);
  backoff.next(0);
  expect(backoff.next(29_999)).toBe(400);
  expect(backoff.next(30_000)).toBe(100);
  expect(backoff.next(0)).toBe(200);
});
