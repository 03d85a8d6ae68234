import { isLuhn } from './check-digits.ts';
import type { Detector, Finding } from './detector.ts';
import { isWord } from './char-class.ts';
import { type DigitGroups, digitsOf, holdDigits } from './digit-runs.ts';
import { TextPass } from './text-pass.ts';

/** Numbers of payment cards: an issuer's prefix (ISO/IEC 7812), its length, and Luhn's check digit. */
export const cardDetector: Detector = {
  find: (text, from, pass) => cardsIn(text, (pass ?? new TextPass(text, from)).digits),
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

function cardsIn(text: string, groups: DigitGroups): Finding[] {
  const found: Finding[] = [];
  for (let run = 0; run < groups.runs; run += 1) {
    const end = groups.behind(run);
    for (let first = groups.beginOf(run); first < end; first += 1) {
      const most = Math.min(end, first + MOST_GROUPS) - 1;
      if (groups.digits(first, most) < FEWEST_DIGITS) continue;
      const last = lastGroupOfCard(text, groups, first, most);
      const [start, stop] = [groups.startOf(first), groups.endOf(last)];
      if (last < first || isWord(text.charCodeAt(start - 1)) || isWord(text.charCodeAt(stop))) continue;
      found.push({ start, end: stop, category: 'CREDIT_CARD' });
      first = last;
    }
  }
  return found;
}

const TWO = 50;
const SIX = 54;
const FEWEST_DIGITS = 13;
const MOST_DIGITS = 19;
const MOST_GROUPS = 8;

/** The number may be followed by others (its expiry): the longest that is one counts. -1 where none is. */
function lastGroupOfCard(text: string, groups: DigitGroups, first: number, end: number): number {
  const start = groups.startOf(first);
  const leading = text.charCodeAt(start);
  // no issuer begins with another digit
  if (leading < TWO || leading > SIX) return -1;
  let most = first;
  // a card is written whole, or in groups of two to twelve digits
  if (groups.lengthOf(first) <= 12) while (most < end && isPart(groups.lengthOf(most)) && isPart(groups.lengthOf(most + 1))) most += 1;
  for (let last = most; last >= first; last -= 1) {
    const count = groups.digits(first, last);
    if (count < FEWEST_DIGITS) return -1;
    if (count <= MOST_DIGITS && isLuhn(text, start, groups.endOf(last)) && isOfIssuer(digitsOf(text, start, groups.endOf(last))))
      return last;
  }
  return -1;
}

function isPart(length: number): boolean {
  return length >= 2 && length <= 12;
}

function isOfIssuer(digits: string): boolean {
  return ISSUERS.some(({ prefix, lengths }) => lengths.includes(digits.length) && prefix.test(digits));
}
