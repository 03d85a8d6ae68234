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
  const byLetters = byFirstRun(ids, 'letters');
  const byDigits = byFirstRun(ids, 'digits');
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
        if (!isOf(kinds, at, WORD)) {
          at += 1;
          continue;
        }
        const kind = (kinds[at] ?? 0) & WORD;
        let first = at + 1;
        while (isOf(kinds, first, kind)) first += 1;
        let end = first;
        let isForeign = kind === FOREIGN;
        for (; isOf(kinds, end, WORD); end += 1) if (isOf(kinds, end, FOREIGN)) isForeign = true;
        const sameRun = (kind === DIGIT ? byDigits : kind === LETTER ? byLetters : NOBODY)[first - at];
        const sought = sameRun?.[placeOf(text.charCodeAt(at), text.charCodeAt(first), at <= saidUntil)];
        const finding = sought === undefined ? undefined : firstHere(text, at, first, sought);
        if (finding !== undefined) found.push(finding);
        else if (isForeign || (kind === LETTER && mayBeSaid(text, at))) saidUntil = end + LOOK_BACK;
        at = finding?.end ?? end;
      }
      return found;
    },
    holdFrom: holdTokens,
  };
}

/**
 * Those with a first run of one length: by the sign it begins with, the sign behind it, and whether a word may stand before it that says what a
 * number is (`placeOf`). Undefined where nothing is sought.
 */
type SameRun = readonly (readonly Sought[] | undefined)[];

function placeOf(begin: number, after: number, isSaid: boolean): number {
  return ((SIGNS[begin] ?? OTHER_SIGN) << 5) | ((SIGNS[after] ?? OTHER_SIGN) << 1) | (isSaid ? 1 : 0);
}

/** By the length of the first run; undefined where none is so long. */
function byFirstRun(all: readonly Sought[], kind: 'letters' | 'digits'): readonly (SameRun | undefined)[] {
  return Array.from({ length: LONGEST_FIRST + 1 }, (_, length) => {
    const ids = all.filter(({ id }) => id.first[kind]?.includes(length) === true);
    return ids.length === 0 ? undefined : Array.from({ length: PLACES }, (_place, place) => soughtAt(place, ids, length));
  });
}

function soughtAt(place: number, ids: readonly Sought[], length: number): readonly Sought[] | undefined {
  const [begin, after, isSaid] = [1 << (place >> 5), 1 << ((place >> 1) & 15), (place & 1) === 1];
  const some = ids.filter((one) => (isSaid || !one.isSaid) && (one.begins & begin) !== 0 && (length >= WHOLE || (one.after & after) !== 0));
  return some.length === 0 ? undefined : some;
}

/** The first that begins at a place and whose first run ends at `first`. */
function firstHere(text: string, at: number, first: number, sought: readonly Sought[]): Finding | undefined {
  for (const { id, here, next } of sought) {
    if (next.length > 0 && !hasDigits(text, first, next)) continue;
    here.lastIndex = at;
    if (!here.test(text)) continue;
    const end = here.lastIndex;
    if (!id.isOne(signsOf(text, at, end))) continue;
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

/** The same as the number of its bit. */
const SIGNS = Uint8Array.from(BITS, (bits) => Math.log2(bits));
const OTHER_SIGN = 15;
/** Of `placeOf`. */
const PLACES = 16 * 16 * 2;

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

const NOBODY: readonly undefined[] = [];

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
