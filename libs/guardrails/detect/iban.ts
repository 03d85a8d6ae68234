import { isDigit, isLetter, isWord } from './char-class.ts';
import type { Detector, Finding } from './detector.ts';
import { DIGIT, isOf, LETTER, WORD } from './text-kinds.ts';
import { TextPass } from './text-pass.ts';

/** Length of an IBAN by country (SWIFT's IBAN registry). */
const REGISTRY = `AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DK18 DO28 EE20 EG29 ES24 FI18 FO18 FR27 GB22 GE22 GI23 GL18
  GR27 GT28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MR27 MT31 MU30 NL18 NO15
  PK24 PL28 PS29 PT25 QA29 RO24 RS22 SA24 SC31 SE24 SI19 SK24 SM27 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20`;

/** By the country's two letters; 0 for those that are no country's. */
const LENGTHS = new Uint8Array(26 * 26);
for (const entry of REGISTRY.split(/\s+/)) {
  LENGTHS[(entry.charCodeAt(0) - 65) * 26 + entry.charCodeAt(1) - 65] = Number(entry.slice(2));
}

/** With a space or dash after every fourth sign: 34 signs and 8 between them. */
const MAX_WRITTEN = 46;

/** Account numbers by ISO 13616: country, its length, and the check digits modulo 97; in one piece or in groups of four. */
export const ibanDetector: Detector = {
  find(text, from, pass) {
    const found: Finding[] = [];
    const { kinds } = pass ?? new TextPass(text, from);
    // two letters and two digits, in a pattern without choice
    const begin = /[A-Za-z]{2}\d\d/g;
    begin.lastIndex = from;
    while (begin.test(text)) {
      const start = begin.lastIndex - 4;
      const end = start > 0 && isOf(kinds, start - 1, WORD) ? -1 : ibanEnd(text, kinds, start);
      if (end === -1) continue;
      found.push({ start, end, category: 'IBAN_CODE' });
      begin.lastIndex = end;
    }
    return found;
  },
  holdFrom(text, from) {
    for (let at = Math.max(from, text.length - MAX_WRITTEN); at < text.length; at += 1) if (mayBegin(text, at)) return at;
    return text.length;
  },
};

function ibanEnd(text: string, kinds: Uint8Array, start: number): number {
  const length = lengthOf(text.charCodeAt(start), text.charCodeAt(start + 1));
  if (length === 0) return -1;
  let rest = 0;
  let at = start + 4;
  for (let signs = 4; signs < length; at += 1) {
    if (isOf(kinds, at, DIGIT | LETTER)) {
      rest = withSign(rest, text.charCodeAt(at));
      signs += 1;
    } else if (!isGap(text.charCodeAt(at)) || isGap(text.charCodeAt(at + 1)) || at - start >= MAX_WRITTEN) return -1;
  }
  if (isOf(kinds, at, WORD)) return -1;
  // the first four signs come last
  for (let first = start; first < start + 4; first += 1) rest = withSign(rest, text.charCodeAt(first));
  return rest % 97 === 1 ? at : -1;
}

/** The same modulo 97; letters count from 10. Divides only where the number would grow out of 32 bits. */
function withSign(number: number, code: number): number {
  const rest = number > 10_000_000 ? number % 97 : number;
  return isDigit(code) ? rest * 10 + code - 48 : rest * 100 + (code & 31) + 9;
}

/** 0 for letters that are no country's. */
function lengthOf(first: number, second: number): number {
  return LENGTHS[((first & 31) - 1) * 26 + (second & 31) - 1] ?? 0;
}

/** Two letters and two digits, as far as the text goes. */
function mayBegin(text: string, at: number): boolean {
  const isEnd = (place: number): boolean => place >= text.length;
  if (!isLetter(text.charCodeAt(at)) || isWord(text.charCodeAt(at - 1))) return false;
  if (!isEnd(at + 1) && !(isLetter(text.charCodeAt(at + 1)) && lengthOf(text.charCodeAt(at), text.charCodeAt(at + 1)) > 0)) return false;
  return [at + 2, at + 3].every((place) => isEnd(place) || isDigit(text.charCodeAt(place)));
}

function isGap(code: number): boolean {
  return code === 32 || code === 45 || code === 160;
}
