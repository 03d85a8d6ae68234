import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { digitsAtScale, formatDecimal, parseDecimal } from './decimal.ts';

describe('decimal text', () => {
  test.each([
    ['0.00000015', 15n, 8],
    ['1.5e-07', 15n, 8],
    ['3e-06', 3n, 6],
    ['.5', 5n, 1],
    ['5.', 5n, 0],
    ['2E3', 2000n, 0],
    ['1.5000000000000002e-07', 15000000000000002n, 23],
    ['0', 0n, 0],
    ['0e-9000', 0n, 0],
  ])('%s is read exactly as written', (text, digits, scale) => {
    expect(parseDecimal(text)).toEqual({ digits, scale });
  });

  test.each(['', '.', 'e5', '-1', '1,5', 'NaN', 'Infinity', '0x10', '1e', '1e-999999999', '1e9999', '1e-61', ' 1'])(
    '%j is refused without building its digits',
    (text) => {
      expect(() => parseDecimal(text)).toThrow(RangeError);
    },
  );

  test.each([
    [0n, 12, '0'],
    [15n, 8, '0.00000015'],
    [1500n, 3, '1.5'],
    [12000n, 3, '12'],
    [100n, 0, '100'],
  ])('%d at scale %d is written as %s', (digits, scale, text) => {
    expect(formatDecimal(digits, scale)).toBe(text);
  });

  test('what is written is read back as the same number', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 10n ** 30n }), fc.integer({ min: 11, max: 40 }), (digits, scale) => {
        expect(digitsAtScale(parseDecimal(formatDecimal(digits, scale)), scale)).toBe(digits);
      }),
    );
  });
});
