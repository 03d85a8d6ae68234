import { isLuhn } from './check-digits.ts';
import type { Detector, Finding } from './detector.ts';
import { isWord } from './char-class.ts';
import { countDigits, type DigitRun, digitRuns, digitsOf, holdDigits } from './digit-runs.ts';

/** Numbers of payment cards: an issuer's prefix (ISO/IEC 7812), its length, and Luhn's check digit. */
export const cardDetector: Detector = {
  find: (text, from) => digitRuns(text, from).flatMap((run) => cardsIn(text, run)),
  holdFrom: holdDigits,
};

const ISSUERS: readonly { readonly prefix: RegExp; readonly lengths: readonly number[] }[] = [
  { prefix: /^4/, lengths: [13, 16, 19] },
  { prefix: /^(?:5[1-5]|2(?:22[1-9]|2[3-9]|[3-6]|7[01]|720))/, lengths: [16] },
  { prefix: /^3[47]/, lengths: [15] },
  { prefix: /^(?:6011|65|64[4-9]|62)/, lengths: [16, 17, 18, 19] },
  { prefix: /^35(?:2[89]|[3-8])/, lengths: [16] },
  { prefix: /^3(?:0[0-5]|[689])/, lengths: [14] },
  { prefix: /^(?:50|5[6-9]|6[37])/, lengths: [16, 18, 19] },
];

function cardsIn(text: string, { groups }: DigitRun): Finding[] {
  const found: Finding[] = [];
  for (let first = 0; first < groups.length; first += 1) {
    const last = lastGroupOfCard(text, groups, first);
    const [start, end] = [groups[first]?.start ?? 0, groups[last]?.end ?? 0];
    if (last < first || isWord(text.charCodeAt(start - 1)) || isWord(text.charCodeAt(end))) continue;
    found.push({ start, end, category: 'CREDIT_CARD' });
    first = last;
  }
  return found;
}

const TWO = 50;
const SIX = 54;

/** The number may be followed by others (its expiry): the longest that is one counts. -1 where none is. */
function lastGroupOfCard(text: string, groups: DigitRun['groups'], first: number): number {
  const start = groups[first]?.start ?? 0;
  const leading = text.charCodeAt(start);
  // no issuer begins with another digit
  if (leading < TWO || leading > SIX) return -1;
  let most = first;
  // a card is written whole, or in groups of two to seven digits
  const length = lengthOf(groups, first);
  if (length <= 12)
    while (most + 1 < groups.length && most < first + 7 && isPart(lengthOf(groups, most)) && isPart(lengthOf(groups, most + 1))) most += 1;
  for (let last = most; last >= first; last -= 1) {
    const count = countDigits(groups, first, last);
    if (count < 13) return -1;
    if (count <= 19 && isCard(digitsOf(text, start, groups[last]?.end ?? start))) return last;
  }
  return -1;
}

function lengthOf(groups: DigitRun['groups'], index: number): number {
  const group = groups[index];
  return group === undefined ? 0 : group.end - group.start;
}

function isPart(length: number): boolean {
  return length >= 2 && length <= 12;
}

function isCard(digits: string): boolean {
  return ISSUERS.some(({ prefix, lengths }) => lengths.includes(digits.length) && prefix.test(digits)) && isLuhn(digits);
}
