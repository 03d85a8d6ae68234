import { createRequire } from 'node:module';
import type * as Numbers from 'libphonenumber-js/max';
import type { CountryCode } from 'libphonenumber-js/max';
import { isLetter, isWord } from './char-class.ts';
import type { Detector, Finding } from './detector.ts';
import { type DigitRun, countDigits, digitRuns, holdDigits } from './digit-runs.ts';

const load = createRequire(import.meta.url);
/** 20 MB and 50 ms that most gateways don't need: loaded at the first number. */
const numbers = (): typeof Numbers => load('libphonenumber-js/max') as typeof Numbers;

/** Looking a number up takes some 10 µs: in a text of nothing but numbers, those after these are taken as phone numbers by their shape. */
const MOST_LOOKUPS = 400;
const CALL_WORD = /(?:phone|telephone|tel|mobile|cell|call|fax|whatsapp|ring|text)\b[^\n]{0,16}$/i;

/**
 * Phone numbers as libphonenumber knows them: international ones by their `+`, others in the regions given where they are written in groups
 * or a word before them says what they are.
 */
export function createPhoneDetector(regions: readonly CountryCode[]): Detector {
  return {
    find(text, from) {
      const budget = { lookups: MOST_LOOKUPS };
      return digitRuns(text, from).flatMap((run) => phonesIn(text, run, regions, budget));
    },
    holdFrom: holdDigits,
  };
}

function phonesIn(text: string, run: DigitRun, regions: readonly CountryCode[], budget: { lookups: number }): Finding[] {
  const found: Finding[] = [];
  const { groups } = run;
  for (let first = 0; first < groups.length; first += 1) {
    const start = beginsAt(text, run, first);
    const last = lastGroup(text, { run, first, start, regions, budget });
    if (last < first) continue;
    found.push({ start, end: groups[last]?.end ?? start, category: 'PHONE_NUMBER' });
    first = last;
  }
  return found;
}

interface Place {
  readonly run: DigitRun;
  readonly first: number;
  readonly start: number;
  readonly regions: readonly CountryCode[];
  readonly budget: { lookups: number };
}

/** The longest that is a number; -1 where none is. */
function lastGroup(text: string, { run, first, start, regions, budget }: Place): number {
  const { groups } = run;
  const before = text.charCodeAt(start - 1);
  if (isWord(before) || before === DOT || before === DASH) return -1;
  const isInternational = text[start] === '+' || text.startsWith('(+', start);
  const isMeant = isInternational || isCalled(text, start);
  for (let last = Math.min(groups.length, first + 6) - 1; last >= first; last -= 1) {
    const end = groups[last]?.end ?? start;
    const digits = countDigits(groups, first, last);
    if (digits < 7) return -1;
    if (digits > 15 || (!isMeant && !isGrouped(groups, first, last)) || isWord(text.charCodeAt(end)) || goesOn(text, end)) continue;
    const written = text.slice(start, end);
    if (!isMeant && (isDate(written) || isOtherNumber(written))) continue;
    if (budget.lookups === 0) return last;
    if (isInternational ? isValid(written.replace(/^\(/, ''), undefined, budget) : isOfRegion(written, { regions, isMeant, budget }))
      return last;
  }
  return -1;
}

const DOT = 46;
const DASH = 45;

/** Three groups or more, of two digits or more but for the first. */
function isGrouped(groups: DigitRun['groups'], first: number, last: number): boolean {
  if (last - first < 2) return false;
  for (let index = first + 1; index <= last; index += 1) if (countDigits(groups, index, index) < 2) return false;
  return true;
}

interface OwnNumber {
  readonly regions: readonly CountryCode[];
  readonly isMeant: boolean;
  readonly budget: { lookups: number };
}

function isOfRegion(written: string, { regions, isMeant, budget }: OwnNumber): boolean {
  return regions.some((region) => (region !== 'US' || isMeant || NANP.test(written)) && isValid(written, region, budget));
}

function isValid(written: string, region: CountryCode | undefined, budget: { lookups: number }): boolean {
  budget.lookups = Math.max(0, budget.lookups - 1);
  return numbers().parsePhoneNumberFromString(written, region)?.isValid() === true;
}

/** How far before a number the word may stand. */
const NEAR = 17;

function isCalled(text: string, start: number): boolean {
  let at = start - 1;
  // most numbers have others before them
  while (at >= start - NEAR && at >= 0 && !isLetter(text.charCodeAt(at))) at -= 1;
  return at >= 0 && at >= start - NEAR && CALL_WORD.test(text.slice(Math.max(0, start - 32), start));
}

/** How the numbers of North America are written. */
const NANP = /^(?:1[ .-]?)?\(?\d{3}\)?[ .-]{0,3}\d{3}[ .-]\d{4}$/;

/** Fractions, paths, single digits. */
function isOtherNumber(written: string): boolean {
  return (
    (/^\d+(?:\.\d+)+$/.test(written) && !NANP.test(written)) ||
    written.includes('/') ||
    /^\d(?: \d)+$/.test(written) ||
    /^\d+\.\d+ \d+\.\d+$/.test(written)
  );
}

function isDate(written: string): boolean {
  return /^(?:\d{4}[-./ ]\d{1,2}[-./ ]\d{1,2}|\d{1,2}[-./ ]\d{1,2}[-./ ]\d{2,4})\b/.test(written);
}

/** A decimal fraction or a longer number with dashes. */
function goesOn(text: string, end: number): boolean {
  return /^[-.,]\d/.test(text.slice(end, end + 2));
}

/** With the `+` or `(` before it, which belongs to the first group of a run only. */
function beginsAt(text: string, run: DigitRun, first: number): number {
  const start = run.groups[first]?.start ?? run.start;
  if (first === 0) return run.start;
  if (text[start - 1] === '+') return text[start - 2] === '(' ? start - 2 : start - 1;
  return text[start - 1] === '(' ? start - 1 : start;
}
