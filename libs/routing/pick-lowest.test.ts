import fc from 'fast-check';
import { expect, test } from 'vitest';
import { pickLowest } from './pick-lowest.ts';

test('picks what sorting would put first, in its order', () => {
  const score = fc.oneof(fc.integer({ min: 0, max: 9 }), fc.double({ noNaN: true }), fc.constant(Number.POSITIVE_INFINITY));
  fc.assert(
    fc.property(fc.array(score, { maxLength: 60 }), fc.nat({ max: 70 }), (scores, count) => {
      const sorted = [...scores.keys()].toSorted((a, b) => Number(scores[a]! > scores[b]!) - Number(scores[a]! < scores[b]!) || a - b);
      expect(pickLowest(scores, count)).toEqual(sorted.slice(0, count));
    }),
  );
});
