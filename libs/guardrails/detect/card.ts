import { isLuhn } from './check-digits.ts';
import type { Detector, Finding } from './detector.ts';
import { isWord } from './char-class.ts';
import { type DigitRun, digitRuns, digitsOf, holdDigits } from './digit-runs.ts';

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

/** The number may be followed by others (its expiry): the longest that is one counts. -1 where none is. */
function lastGroupOfCard(text: string, groups: DigitRun['groups'], first: number): number {
  const start = groups[first]?.start ?? 0;
  // a card is written whole, or in groups of three to seven
  const grouped = groups.slice(first, first + 8).findIndex(({ start: from, end }) => end - from > 12 || end - from < 2);
  const most = grouped === -1 ? Math.min(groups.length, first + 8) : grouped === 0 ? first + 1 : first + grouped;
  for (let last = Math.min(most, first + 7) - 1; last >= first; last -= 1) {
    const digits = digitsOf(text, start, groups[last]?.end ?? start);
    if (digits.length >= 13 && digits.length <= 19 && isCard(digits)) return last;
  }
  return -1;
}

function isCard(digits: string): boolean {
  return ISSUERS.some(({ prefix, lengths }) => lengths.includes(digits.length) && prefix.test(digits)) && isLuhn(digits);
}
