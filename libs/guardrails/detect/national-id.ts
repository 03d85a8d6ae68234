import { isDigit, isLetter } from './char-class.ts';
import type { Detector, Finding } from './detector.ts';
import { NATIONAL_IDS, type NationalId } from './national-ids.ts';

const LOOK_BACK = 40;
const MAX_WRITTEN = 28;

/** Identity, tax and insurance numbers of persons. Those whose shape is common need a word before them that says what they are. */
export function createNationalIdDetector(kinds: readonly string[]): Detector {
  const ids = NATIONAL_IDS.filter(({ category }) => kinds.includes(category));
  return {
    find: (text, from) => ids.flatMap((id) => findAll(text, from, id)),
    holdFrom: holdTokens,
  };
}

function findAll(text: string, from: number, { category, pattern, isOne, said }: NationalId): Finding[] {
  const found: Finding[] = [];
  const search = new RegExp(pattern, 'g');
  search.lastIndex = from;
  for (let match = search.exec(text); match !== null; match = search.exec(text)) {
    const { index, 0: written } = match;
    const isSaid = said === undefined || said.test(text.slice(Math.max(0, index - LOOK_BACK), index));
    if (isSaid && isOne(written.replace(/[^0-9A-Za-z+]/g, '').toUpperCase()))
      found.push({ start: index, end: index + written.length, category });
  }
  return found;
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
