import { isIPv4, isIPv6 } from 'node:net';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ipDetector } from './ip-address.ts';

const piece = fc.constantFrom('1', 'a', '::', ':', '12ab', '0', 'f', '.', '1.2.3.4', '255', '256', '10.0.0.1', 'ffff', '12345', 'beef');

/** Names of nobody, and words of programs with colons. */
const IS_NOBODY = /^(?:0\.0\.0\.0|127\.0\.0\.1|255\.255\.255\.255|255\.255\.255\.0|255\.255\.0\.0|::1?)$/;
const isSomebody = (text: string): boolean => !IS_NOBODY.test(text) && /\d/.test(text) && (text.match(/[\da-f]+/g)?.length ?? 0) >= 2;

test('a text that is an address is found whole, and what is found is an address', () => {
  fc.assert(
    fc.property(fc.array(piece, { minLength: 1, maxLength: 17 }), (pieces) => {
      const text = pieces.join('');
      const found = ipDetector.find(text, 0).map(({ start, end }) => text.slice(start, end));
      for (const address of found) expect(isIPv4(address) || isIPv6(address), address).toBe(true);
      if ((isIPv4(text) || isIPv6(text)) && isSomebody(text)) expect(found).toEqual([text]);
    }),
    { numRuns: 20_000 },
  );
});
