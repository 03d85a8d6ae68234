import { isDigit, isLetter } from './char-class.ts';
import type { Detector, Finding } from './detector.ts';
import { NATIONAL_IDS, type NationalId } from './national-ids.ts';
import { DIGIT, FOREIGN, isOf, LETTER, WORD } from './text-kinds.ts';
import { TextPass } from './text-pass.ts';

const LOOK_BACK = 40;
const MAX_WRITTEN = 28;
const LONGEST_FIRST = 18;
/** A first run of so many digits may be all of a number: nothing is asked of what stands behind it. */
const WHOLE = 9;

/** One that is looked for. All have the same shape, for they are asked at every word of a text. */
interface Sought {
  readonly id: NationalId;
  /** Its pattern, at one place. */
  readonly here: RegExp;
  readonly isSaid: boolean;
  /** The signs of `begins` and of `after` as bits. */
  readonly begins: number;
  readonly after: number;
  readonly next: readonly number[];
}

function soughtOf(id: NationalId): Sought {
  const { begins, after, next } = id;
  return {
    id,
    here: new RegExp(id.pattern, 'y'),
    isSaid: id.said !== undefined,
    begins: begins === undefined ? ANY : bitsOf(begins),
    after: after === undefined ? ANY : bitsOf(after),
    next: next ?? [],
  };
}

/**
 * Identity, tax and insurance numbers of persons. Those whose shape is common need a word before them that says what they are. At the beginning of each
 * word only those are tried whose first run of letters or digits is as long as this one, whose next sign is what stands there, and whose word has
 * been seen: one pass, whatever the text.
 */
export function createNationalIdDetector(kinds: readonly string[]): Detector {
  const ids = NATIONAL_IDS.filter(({ category }) => kinds.includes(category)).map(soughtOf);
  const { lists, needs, places } = soughtByPlace(ids);
  return {
    find(text, from, pass) {
      const { kinds } = pass ?? new TextPass(text, from);
      const found: Finding[] = [];
      let saidUntil = lastSaid(text, from);
      let at = from;
      // a word that began before has been judged
      if (from > 0 && isOf(kinds, from - 1, WORD)) while (isOf(kinds, at, WORD)) at += 1;
      const { length } = text;
      while (at < length) {
        const kind = (kinds[at] ?? 0) & WORD;
        if (kind === 0) {
          at += 1;
          continue;
        }
        let first = at + 1;
        while (isOf(kinds, first, kind)) first += 1;
        const list =
          kind <= LETTER && first - at <= LONGEST_FIRST ? places[placeOf(kind, first - at, at <= saidUntil) + signsAt(text, at, first)] : 0;
        let end = first;
        let seen = kind;
        for (; isOf(kinds, end, WORD); end += 1) seen |= kinds[end] ?? 0;
        const sought = list === undefined || list === 0 || !isDigitsBehind(kinds, first, needs[list] ?? 0) ? undefined : lists[list];
        const finding = sought === undefined ? undefined : firstHere(text, at, first, sought);
        if (finding !== undefined) found.push(finding);
        else if ((seen & FOREIGN) !== 0 || (kind === LETTER && mayBeSaid(text, at))) saidUntil = end + LOOK_BACK;
        at = finding?.end ?? end;
      }
      return found;
    },
    holdFrom: holdTokens,
  };
}

/** What is sought at the beginning of a word, as numbers: a search of an array in an array at each word of a text takes twice as long. */
interface SoughtByPlace {
  /** The first is of nobody. */
  readonly lists: readonly (readonly Sought[])[];
  /** How many digits stand behind the sign after the first run, whichever of a list it is. */
  readonly needs: Uint8Array;
  /** Of each place the number of its list. */
  readonly places: Uint8Array;
}

/** By what a first run is of and how long it is, the sign it begins with, the sign behind it, and whether a word stands before it that may say what a number is. */
function soughtByPlace(ids: readonly Sought[]): SoughtByPlace {
  const lists: (readonly Sought[])[] = [[]];
  const numbers = new Map<string, number>();
  const places = new Uint8Array(placeOf(LETTER, LONGEST_FIRST + 1, false));
  for (const kind of [DIGIT, LETTER]) {
    for (let run = 1; run <= LONGEST_FIRST; run += 1) {
      const ofRun = ids.filter(({ id: { first } }) => (kind === DIGIT ? first.digits : first.letters)?.includes(run) === true);
      for (const isSaid of [false, true]) {
        for (let signs = 0; signs < SIGN_PAIRS; signs += 1) {
          const some = ofRun.filter((one) => (isSaid || !one.isSaid) && mayBegin(one, run, signs));
          const name = some.map((one) => ids.indexOf(one)).join(' ');
          const number = some.length === 0 ? 0 : (numbers.get(name) ?? lists.push(some) - 1);
          numbers.set(name, number);
          places[placeOf(kind, run, isSaid) + signs] = number;
        }
      }
    }
  }
  return { lists, needs: Uint8Array.from(lists, (list) => Math.min(...list.map(({ next }) => next[0] ?? 0))), places };
}

function mayBegin({ begins, after }: Sought, run: number, signs: number): boolean {
  return (begins & (1 << (signs >> 4))) !== 0 && (run >= WHOLE || (after & (1 << (signs & 15))) !== 0);
}

function isDigitsBehind(kinds: Uint8Array, first: number, count: number): boolean {
  for (let at = first + count; at > first; at -= 1) if (!isOf(kinds, at, DIGIT)) return false;
  return true;
}

function placeOf(kind: number, run: number, isSaid: boolean): number {
  return (((kind - 1) * (LONGEST_FIRST + 1) + run) * 2 + (isSaid ? 1 : 0)) * SIGN_PAIRS;
}

/** The sign that a first run begins with, and the one behind it. */
function signsAt(text: string, at: number, first: number): number {
  const after = first < text.length ? SIGNS[text.charCodeAt(first)] : OTHER_SIGN;
  return ((SIGNS[text.charCodeAt(at)] ?? OTHER_SIGN) << 4) | (after ?? OTHER_SIGN);
}

/** The first that begins at a place and whose first run ends at `first`. */
function firstHere(text: string, at: number, first: number, sought: readonly Sought[]): Finding | undefined {
  for (const { id, here, next } of sought) {
    if (next.length > 0 && !hasDigits(text, first, next)) continue;
    here.lastIndex = at;
    if (!here.test(text)) continue;
    const end = here.lastIndex;
    if (!(id.inPlace ? id.isOne(text, at, end) : id.isOne(signsOf(text, at, end)))) continue;
    if (id.said !== undefined && !id.said.test(text.slice(Math.max(0, at - LOOK_BACK), at))) continue;
    return { start: at, end, category: id.category };
  }
  return undefined;
}

/** Digits, letters in upper case and `+`. */
function signsOf(text: string, from: number, to: number): string {
  let signs = '';
  let begin = from;
  let seen = 0;
  for (let at = from; at < to; at += 1) {
    const bits = BITS[text.charCodeAt(at)] ?? OTHER;
    seen |= bits;
    if ((bits & (DIGITS | LETTERS | PLUS)) !== 0) continue;
    signs += text.slice(begin, at);
    begin = at + 1;
  }
  signs += text.slice(begin, to);
  return (seen & LETTERS) === 0 ? signs : signs.toUpperCase();
}

/** Groups of digits, with one sign before each. */
function hasDigits(text: string, from: number, groups: readonly number[]): boolean {
  let at = from;
  for (const length of groups) {
    at += 1;
    for (const end = at + length; at < end; at += 1) if (!isDigit(text.charCodeAt(at))) return false;
  }
  return true;
}

/** A bit for each digit, and one for each other sign that may stand behind a first run; `A` is any letter. */
const [LETTERS, SPACE, MINUS, PLUS, DOT, OTHER] = [1 << 10, 1 << 11, 1 << 12, 1 << 13, 1 << 14, 1 << 15];
const DIGITS = LETTERS - 1;
const ANY = 0xffff;
const BITS = Uint16Array.from({ length: 128 }, (_, code) => {
  if (isDigit(code)) return 1 << (code - 48);
  if (isLetter(code)) return LETTERS;
  return { 32: SPACE, 45: MINUS, 43: PLUS, 46: DOT }[code] ?? OTHER;
});

const OTHER_SIGN = 15;
/** The same as the number of its bit, for every unit there is: nothing is looked up outside of it. */
const SIGNS = Uint8Array.from({ length: 0x10000 }, (_, code) => Math.log2(BITS[code] ?? OTHER));
const SIGN_PAIRS = 16 * 16;

function bitsOf(signs: string): number {
  let bits = 0;
  for (const code of codesOf(signs)) bits |= BITS[code] ?? OTHER;
  return bits;
}

/** How the words of `said` begin. */
const SAID = Array.from({ length: 26 * 26 }, () => false);
for (const [first = 97, second = 97] of ['ss', 'so', 'nh', 'st', 'ta', 'id', 'cp', 'bs', 'bu', 'pe', 'aa', 'ui', 'si', 'na', 'tf'].map(
  codesOf,
)) {
  SAID[(first - 97) * 26 + second - 97] = true;
}

function codesOf(letters: string): number[] {
  return Array.from(letters, (letter) => letter.charCodeAt(0));
}

/** Whether the word here may be one of `said`. */
function mayBeSaid(text: string, at: number): boolean {
  const second = (text.charCodeAt(at + 1) | 32) - 97;
  return second >= 0 && second < 26 && SAID[((text.charCodeAt(at) | 32) - 97) * 26 + second] === true;
}

/** How far the words before a place reach. */
function lastSaid(text: string, from: number): number {
  let until = -1;
  for (let at = Math.max(0, from - LOOK_BACK); at < from; at += 1) {
    const code = text.charCodeAt(at);
    // of a long word the end may be near
    if (code > 127 || (isLetter(code) && mayBeSaid(text, at))) until = from + LOOK_BACK;
  }
  return until;
}

/** The token that the text ends with, and those before it that have digits or are one or two letters: numbers may be written in groups. */
function holdTokens(text: string, from: number): number {
  const least = Math.max(from, text.length - MAX_WRITTEN);
  let hold = text.length;
  for (let at = text.length; at > least;) {
    while (at > least && !isOfToken(text.charCodeAt(at - 1))) at -= 1;
    const end = at;
    let digits = 0;
    while (at > least && isOfToken(text.charCodeAt(at - 1))) {
      at -= 1;
      if (isDigit(text.charCodeAt(at))) digits += 1;
    }
    // nor one that is longer than any number
    const isCut = at === least && isOfToken(text.charCodeAt(at - 1));
    if (end === at || isCut || (end < text.length && digits === 0 && end - at > 2)) break;
    hold = at;
  }
  return hold;
}

function isOfToken(code: number): boolean {
  return isDigit(code) || isLetter(code);
}
