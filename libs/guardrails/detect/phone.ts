import { createRequire } from 'node:module';
import type * as Numbers from 'libphonenumber-js/max';
import type { CountryCode } from 'libphonenumber-js/max';
import { isDigit, isWord } from './char-class.ts';
import type { Detector, Finding } from './detector.ts';
import { beginOfRun, type DigitGroups, holdDigits } from './digit-runs.ts';
import { isOf, LETTER, WORD } from './text-kinds.ts';
import { TextPass } from './text-pass.ts';

const load = createRequire(import.meta.url);
/** 20 MB and 50 ms that most gateways don't need: loaded at the first number. */
const numbers = (): typeof Numbers => load('libphonenumber-js/max') as typeof Numbers;

/** Looking a number up takes some 10 µs: in a text of nothing but numbers, those after these are taken as phone numbers by their shape. */
const MOST_LOOKUPS = 400;
const CALL_WORDS = /(?:phone|telephone|tel|mobile|cell|call|fax|whatsapp|ring|text)\b/gi;

/**
 * Phone numbers as libphonenumber knows them: international ones by their `+`, others in the regions given where they are written in groups
 * or a word before them says what they are.
 */
export function createPhoneDetector(regions: readonly CountryCode[]): Detector {
  return {
    find: (text, from, pass) => new PhoneSearch(text, pass ?? new TextPass(text, from), regions).from(from),
    holdFrom: holdDigits,
  };
}

const FEWEST_DIGITS = 7;
const MOST_DIGITS = 15;
const MOST_GROUPS = 6;

class PhoneSearch {
  readonly #text: string;
  readonly #kinds: Uint8Array;
  readonly #groups: DigitGroups;
  readonly #regions: readonly CountryCode[];
  readonly #isOfNorthAmericaOnly: boolean;
  #lookups = MOST_LOOKUPS;
  #run = 0;
  #runStart = 0;
  /** The end of the last call word before the run, -1 where there is none near; undefined until somebody asks. */
  #wordEnd: number | undefined;
  /** Whether some groups of the run may end a number of North America; undefined until somebody asks. */
  #hasNanp: boolean | undefined;

  constructor(text: string, { kinds, digits }: TextPass, regions: readonly CountryCode[]) {
    this.#text = text;
    this.#kinds = kinds;
    this.#groups = digits;
    this.#regions = regions;
    this.#isOfNorthAmericaOnly = regions.every((region) => region === 'US');
  }

  from(from: number): Finding[] {
    const groups = this.#groups;
    const found: Finding[] = [];
    for (let run = 0; run < groups.runs; run += 1) {
      const [begin, end] = [groups.beginOf(run), groups.behind(run)];
      this.#wordEnd = undefined;
      this.#hasNanp = undefined;
      this.#runStart = groups.startOf(begin);
      this.#run = run;
      let most = begin;
      for (let first = begin; first < end; first += 1) {
        most = lastWithin(groups, first, { end, least: most });
        if (groups.digits(first, most) < FEWEST_DIGITS) continue;
        const begins = groups.startOf(first);
        const start = first === begin ? beginOfRun(this.#text, begins, from) : beginOfGroup(this.#text, begins);
        const last = this.#lastGroup(first, start, most);
        if (last < first) continue;
        found.push({ start, end: groups.endOf(last), category: 'PHONE_NUMBER' });
        first = last;
      }
    }
    return found;
  }

  /** The longest that is a number, from a group to `most` at the furthest; -1 where none is. */
  #lastGroup(first: number, start: number, most: number): number {
    const [text, kinds, groups] = [this.#text, this.#kinds, this.#groups];
    const before = text.charCodeAt(start - 1);
    if (isWord(before) || before === DOT || before === DASH) return -1;
    const sign = text.charCodeAt(start);
    const isInternational = sign === PLUS || (sign === OPEN && text.charCodeAt(start + 1) === PLUS);
    const isMeant = isInternational || this.#isCalled(start);
    if (!isMeant && this.#isOfNorthAmericaOnly && !this.#mayHoldNanp()) return -1;
    for (let last = most; last >= first; last -= 1) {
      if (groups.digits(first, last) < FEWEST_DIGITS) return -1;
      const end = groups.endOf(last);
      if (isOf(kinds, end, WORD) || goesOn(text, end)) continue;
      if (!isMeant && !this.#isByItself(first, start, last)) continue;
      if (this.#lookups === 0) return last;
      const written = text.slice(start, end);
      if (isInternational ? this.#isValid(written.replace(/^\(/, ''), undefined) : this.#isOfRegion(written, isMeant)) return last;
    }
    return -1;
  }

  /** Written as a phone number is, so that no word before it has to say what it is. */
  #isByItself(first: number, start: number, last: number): boolean {
    const groups = this.#groups;
    if (this.#isOfNorthAmericaOnly && !mayBeNanp(groups, last)) return false;
    if (!isGrouped(groups, first, last) || isDate(this.#text, groups, first)) return false;
    return !isOtherNumber(this.#text, groups, { first, last, start });
  }

  #mayHoldNanp(): boolean {
    this.#hasNanp ??= hasNanp(this.#groups, this.#groups.beginOf(this.#run), this.#groups.behind(this.#run));
    return this.#hasNanp;
  }

  /** A word before it says that it is one, on the same line. */
  #isCalled(start: number): boolean {
    // within a run there are no letters: what is before its first group is before all of them
    this.#wordEnd ??= this.#callWordEnd(this.#runStart);
    const end = this.#wordEnd;
    return end !== -1 && start - end < NEAR && !this.#text.slice(end, start).includes('\n');
  }

  #callWordEnd(start: number): number {
    const least = Math.max(0, start - NEAR);
    let at = start - 1;
    while (at >= least && !isOf(this.#kinds, at, LETTER)) at -= 1;
    if (at < least || !hasWord(this.#kinds, at)) return -1;
    const from = Math.max(0, at - LONGEST_WORD - NEAR);
    let end = -1;
    // with the sign behind it: whether a word ends there is seen by that
    for (const { index, 0: word } of this.#text.slice(from, at + 2).matchAll(CALL_WORDS)) end = from + index + word.length;
    return end;
  }

  #isOfRegion(written: string, isMeant: boolean): boolean {
    return this.#regions.some((region) => (region !== 'US' || isMeant || NANP.test(written)) && this.#isValid(written, region));
  }

  #isValid(written: string, region: CountryCode | undefined): boolean {
    this.#lookups = Math.max(0, this.#lookups - 1);
    return numbers().parsePhoneNumberFromString(written, region)?.isValid() === true;
  }
}

/** The last of a few groups that together have no more digits than a number. From one group to the next it never comes earlier than before: `least`. */
function lastWithin(groups: DigitGroups, first: number, { end, least }: { readonly end: number; readonly least: number }): number {
  if (groups.lengthOf(first) > MOST_DIGITS) return first - 1;
  const behind = Math.min(end, first + MOST_GROUPS);
  let last = Math.max(first, least);
  while (last + 1 < behind && groups.digits(first, last + 1) <= MOST_DIGITS) last += 1;
  return last;
}

const DOT = 46;
const DASH = 45;
const SLASH = 47;
const PLUS = 43;
const OPEN = 40;

/** Three groups or more, of two digits or more but for the first. */
function isGrouped(groups: DigitGroups, first: number, last: number): boolean {
  if (last - first < 2) return false;
  for (let index = first + 1; index <= last; index += 1) if (groups.lengthOf(index) < 2) return false;
  return true;
}

/** How far before a number the last letter of the word may stand. */
const NEAR = 17;
/** "telephone", "tel". */
const LONGEST_WORD = 9;
const SHORTEST_WORD = 3;

/** Whether there are three letters in a row where a call word may stand: most codes before numbers have fewer. */
function hasWord(kinds: Uint8Array, last: number): boolean {
  let letters = 0;
  for (let at = last; at > last - LONGEST_WORD - NEAR; at -= 1) {
    letters = isOf(kinds, at, LETTER) ? letters + 1 : 0;
    if (letters === SHORTEST_WORD) return true;
  }
  return false;
}

/** How the numbers of North America are written. */
const NANP = /^(?:1[ .-]?)?\(?\d{3}\)?[ .-]{0,3}\d{3}[ .-]\d{4}$/;

/** By the lengths of its last groups: the one before the last may have more where nothing stands between it and the one before. */
function mayBeNanp(groups: DigitGroups, last: number): boolean {
  const before = groups.lengthOf(last - 1);
  return groups.lengthOf(last) === 4 && (before === 3 || before >= 6);
}

function hasNanp(groups: DigitGroups, begin: number, end: number): boolean {
  // a number of one group has nothing before it in its run
  for (let last = begin + 1; last < end; last += 1) if (mayBeNanp(groups, last)) return true;
  return false;
}

/** Fractions, paths, single digits. */
function isOtherNumber(
  text: string,
  groups: DigitGroups,
  { first, last, start }: { readonly first: number; readonly last: number; readonly start: number },
): boolean {
  const end = groups.endOf(last);
  let hasDot = false;
  for (let group = first; group < last; group += 1) {
    for (let at = groups.endOf(group); at < groups.startOf(group + 1); at += 1) {
      const code = text.charCodeAt(at);
      if (code === SLASH) return true;
      if (code === DOT) hasDot = true;
    }
  }
  if (groups.digits(first, last) === last - first + 1) return /^\d(?: \d)+$/.test(text.slice(start, end));
  if (!hasDot) return false;
  const written = text.slice(start, end);
  return (/^\d+(?:\.\d+)+$/.test(written) && !NANP.test(written)) || /^\d+\.\d+ \d+\.\d+$/.test(written);
}

/** Year, month and day in either order, with one sign between them. */
function isDate(text: string, groups: DigitGroups, first: number): boolean {
  const [year, month, day] = [groups.lengthOf(first), groups.lengthOf(first + 1), groups.lengthOf(first + 2)];
  const isInOrder = year === 4 ? month <= 2 && day <= 2 : year <= 2 && month <= 2 && day >= 2 && day <= 4;
  if (!isInOrder || groups.startOf(first + 2) - groups.startOf(first) !== year + month + 2) return false;
  return isOfDate(text.charCodeAt(groups.endOf(first))) && isOfDate(text.charCodeAt(groups.endOf(first + 1)));
}

/** Space - . / */
function isOfDate(code: number): boolean {
  return code === 32 || (code >= 45 && code <= 47);
}

/** A decimal fraction or a longer number with dashes. */
function goesOn(text: string, end: number): boolean {
  const code = text.charCodeAt(end);
  // , - .
  return code >= 44 && code <= 46 && isDigit(text.charCodeAt(end + 1));
}

/** With the `+` or `(` before it. */
function beginOfGroup(text: string, start: number): number {
  const before = text.charCodeAt(start - 1);
  if (before === PLUS) return text.charCodeAt(start - 2) === OPEN ? start - 2 : start - 1;
  return before === OPEN ? start - 1 : start;
}
