import { describe, expect, test } from 'vitest';
import { isUsd, picoOf, usdOf } from './money.ts';

const TRILLION = 1_000_000_000_000n;

describe('an amount of money', () => {
  test.each([
    ['0', 0n],
    ['.5', TRILLION / 2n],
    ['5.', 5n * TRILLION],
    ['007.10', (71n * TRILLION) / 10n],
    ['+3', 3n * TRILLION],
    ['0.000000000001', 1n],
    ['0.0000000000001', 1n],
    ['0.0000000000010', 1n],
    ['1.5e-7', 150_000n],
    ['2E3', 2_000n * TRILLION],
    ['999999999999999', 999_999_999_999_999n * TRILLION],
    ['9007199.254740993', 9_007_199_254_740_993_000n],
    ['123456789012345678.123456789012', 123_456_789_012_345_678_123_456_789_012n],
  ])('%s is read to the last digit, and upwards of a pico-dollar', (text, pico) => {
    expect(picoOf(text)).toBe(pico);
  });

  test.each(['', '.', '-1', '1.2.3', '1,5', ' 1', 'NaN', '1e'])('%j is none', (text) => {
    expect(() => picoOf(text)).toThrow(RangeError);
    expect(isUsd(text)).toBe(false);
  });

  test.each(['0', '1', '10', '0.1', '120.000000000001', '0.00001275', '900719925474099.3', '-0.5'])(
    '%s is written as it is read',
    (text) => {
      const pico = text.startsWith('-') ? -picoOf(text.slice(1)) : picoOf(text);
      expect(usdOf(pico)).toBe(text);
    },
  );
});
