import { isDigit, isLetter, isWord } from './char-class.ts';
import type { Detector, Finding } from './detector.ts';
import { NATIONAL_IDS, type NationalId } from './national-ids.ts';

const LOOK_BACK = 40;
const MAX_WRITTEN = 28;
const LONGEST_FIRST = 18;

interface Sought extends NationalId {
  /** Its pattern, at one place. */
  readonly here: RegExp;
}

/**
 * Identity, tax and insurance numbers of persons. Those whose shape is common need a word before them that says what they are. At the beginning of each
 * word only those are tried whose first run of letters or digits is as long as this one: one pass, whatever the text.
 */
export function createNationalIdDetector(kinds: readonly string[]): Detector {
  const ids = NATIONAL_IDS.filter(({ category }) => kinds.includes(category)).map((id) => ({ ...id, here: new RegExp(id.pattern, 'y') }));
  const byLetters = byFirstRun(ids, 'letters');
  const byDigits = byFirstRun(ids, 'digits');
  return {
    find(text, from) {
      const found: Finding[] = [];
      for (let at = from; at < text.length; at += 1) {
        if (!isWord(text.charCodeAt(at))) continue;
        // a word that began before has been judged
        if (at === from && isWord(text.charCodeAt(at - 1))) {
          at = endOfWord(text, at);
          continue;
        }
        const isNumber = isDigit(text.charCodeAt(at));
        const length = runLength(text, at, isNumber ? isDigit : isLetter);
        const finding = firstHere(text, at, (isNumber ? byDigits : byLetters)[length]);
        if (finding !== undefined) found.push(finding);
        at = finding === undefined ? endOfWord(text, at + Math.max(0, length - 1)) : finding.end - 1;
      }
      return found;
    },
    holdFrom: holdTokens,
  };
}

function byFirstRun(ids: readonly Sought[], kind: 'letters' | 'digits'): readonly (readonly Sought[])[] {
  return Array.from({ length: LONGEST_FIRST + 1 }, (_, length) => ids.filter((id) => id.first[kind]?.includes(length) === true));
}

function firstHere(text: string, at: number, ids: readonly Sought[] | undefined): Finding | undefined {
  if (ids === undefined) return undefined;
  for (const { category, here, isOne, said } of ids) {
    here.lastIndex = at;
    const written = here.exec(text)?.[0];
    if (written === undefined || !isOne(written.replace(/[^0-9A-Za-z+]/g, '').toUpperCase())) continue;
    if (said !== undefined && !said.test(text.slice(Math.max(0, at - LOOK_BACK), at))) continue;
    return { start: at, end: at + written.length, category };
  }
  return undefined;
}

/** One more than the longest that is asked for, at most. */
function runLength(text: string, at: number, belongs: (code: number) => boolean): number {
  let end = at;
  while (end - at <= LONGEST_FIRST && belongs(text.charCodeAt(end))) end += 1;
  return end - at;
}

function endOfWord(text: string, at: number): number {
  let end = at;
  while (isWord(text.charCodeAt(end + 1))) end += 1;
  return end;
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
