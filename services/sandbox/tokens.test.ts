import fc from 'fast-check';
import { expect, test } from 'vitest';
import { countTokens, fillerSource, numberedSource, splitTokens } from './tokens.ts';

test('the pieces of any text are as many as its count and join to the text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), (text) => {
      const pieces = splitTokens(text);
      expect(pieces.join('')).toBe(text);
      expect(pieces.length).toBe(countTokens(text));
    }),
  );
});

test.each([
  ['', 0],
  ['hello', 1],
  ['hello, world!', 4],
  ['  spaced   out  ', 2],
  ['   ', 1],
  ['snake_case 42', 2],
  ['grüße 世界', 2],
  ['{"a":1}', 7],
])('%j is %i tokens', (text, count) => expect(countTokens(text)).toBe(count));

test('a surrogate pair is never cut', () => {
  expect(splitTokens('a 😀😀 b')).toEqual(['a', ' 😀😀', ' b']);
});

test.each([numberedSource(40), fillerSource(40)])('made tokens count as what they were asked to be', (source) => {
  const text = Array.from({ length: source.count }, (_, index) => source.at(index)).join('');
  expect(countTokens(text)).toBe(40);
});
