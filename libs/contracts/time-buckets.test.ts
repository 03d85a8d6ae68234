import { describe, expect, test } from 'vitest';
import { addBuckets, bucketOf, isTimeBuckets, percentileMs, type TimeBuckets, withAnswer } from './time-buckets.ts';

const after = (times: readonly number[]): TimeBuckets => times.reduce<TimeBuckets>((buckets, ms) => withAnswer(buckets, ms), []);
const repeat = (count: number, ms: number): number[] => Array.from({ length: count }, () => ms);

test.each([
  [0, 0],
  [20, 0],
  [21, 1],
  [26, 1],
  [27, 2],
  [1_000, 15],
  [3_600_000, 31],
])('%d ms are in bucket %d', (ms, bucket) => expect(bucketOf(ms)).toBe(bucket));

describe('a percentile', () => {
  test.each<[string, number[], number, number | undefined]>([
    ['is unknown with 19 answers', repeat(19, 100), 0.95, undefined],
    ['is that of the answers, to within a bucket', repeat(20, 100), 0.95, 125],
    ['leaves out the slowest', [...repeat(95, 100), ...repeat(5, 5_000)], 0.95, 125],
    ['reaches them when they are more', [...repeat(90, 100), ...repeat(10, 5_000)], 0.95, 6_492],
    ['has no end beyond the last bucket', repeat(30, 3_600_000), 0.5, undefined],
  ])('%s', (_what, times, share, expected) => {
    const found = percentileMs(after(times), share);
    if (expected === undefined) expect(found).toBeUndefined();
    else expect(Math.abs((found ?? 0) / expected - 1)).toBeLessThan(0.31);
  });

  test('forgets what was long ago', () => {
    const buckets = after([...repeat(150, 5_000), ...repeat(1_000, 100)]);
    expect(percentileMs(buckets, 0.95)).toBeLessThan(200);
    expect(buckets.reduce((a, b) => a + b)).toBeLessThanOrEqual(200);
  });

  test('is that of several workers together', () => {
    const both = addBuckets(after(repeat(10, 100)), after(repeat(10, 2_000)));
    expect(percentileMs(both, 0.5)).toBeLessThan(200);
    expect(percentileMs(both, 0.95)).toBeGreaterThan(1_500);
  });
});

test.each<[unknown, boolean]>([
  [[], true],
  [[0, 3.5], true],
  [[-1], false],
  [['1'], false],
  [Array(33).fill(0), false],
  [undefined, false],
])('%j from another process is taken: %s', (value, expected) => expect(isTimeBuckets(value)).toBe(expected));
