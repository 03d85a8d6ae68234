import { isDigit, isLetter, isWord } from './char-class.ts';
import type { Detector, Finding } from './detector.ts';

/** Length of an IBAN by country (SWIFT's IBAN registry). */
const LENGTHS: Readonly<Record<string, number>> = Object.fromEntries(
  `AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DK18 DO28 EE20 EG29 ES24 FI18 FO18 FR27 GB22 GE22 GI23 GL18
  GR27 GT28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MR27 MT31 MU30 NL18 NO15
  PK24 PL28 PS29 PT25 QA29 RO24 RS22 SA24 SC31 SE24 SI19 SK24 SM27 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20`
    .split(/\s+/)
    .map((entry) => [entry.slice(0, 2), Number(entry.slice(2))]),
);

/** With a space or dash after every fourth sign: 34 signs and 8 between them. */
const MAX_WRITTEN = 46;

/** Account numbers by ISO 13616: country, its length, and the check digits modulo 97; in one piece or in groups of four. */
export const ibanDetector: Detector = {
  find(text, from) {
    const found: Finding[] = [];
    // two letters and two digits, in a pattern without choice
    const start = /[A-Za-z]{2}\d\d/g;
    start.lastIndex = from;
    for (let match = start.exec(text); match !== null; match = start.exec(text)) {
      const end = isWord(text.charCodeAt(match.index - 1)) ? -1 : ibanEnd(text, match.index);
      if (end === -1) continue;
      found.push({ start: match.index, end, category: 'IBAN_CODE' });
      start.lastIndex = end;
    }
    return found;
  },
  holdFrom(text, from) {
    for (let at = Math.max(from, text.length - MAX_WRITTEN); at < text.length; at += 1) if (mayBegin(text, at)) return at;
    return text.length;
  },
};

function ibanEnd(text: string, start: number): number {
  const length = LENGTHS[text.slice(start, start + 2).toUpperCase()];
  if (length === undefined) return -1;
  const signs: number[] = [];
  let at = start;
  for (; signs.length < length; at += 1) {
    const code = text.charCodeAt(at);
    if (isSign(code)) signs.push(code);
    else if (!isGap(code) || isGap(text.charCodeAt(at + 1)) || at - start >= MAX_WRITTEN) return -1;
  }
  return isWord(text.charCodeAt(at)) || remainderOf(signs) !== 1 ? -1 : at;
}

/** Modulo 97, the first four signs moved to the end; letters count from 10. */
function remainderOf(signs: readonly number[]): number {
  let rest = 0;
  for (let index = 4; index < signs.length + 4; index += 1) {
    const code = signs[index % signs.length] ?? 48;
    rest = isDigit(code) ? (rest * 10 + code - 48) % 97 : (rest * 100 + (code & 31) + 9) % 97;
  }
  return rest;
}

/** Two letters and two digits, as far as the text goes. */
function mayBegin(text: string, at: number): boolean {
  const isEnd = (place: number): boolean => place >= text.length;
  if (!isLetter(text.charCodeAt(at)) || isWord(text.charCodeAt(at - 1))) return false;
  if (!isEnd(at + 1) && LENGTHS[text.slice(at, at + 2).toUpperCase()] === undefined) return false;
  return [at + 2, at + 3].every((place) => isEnd(place) || isDigit(text.charCodeAt(place)));
}

function isSign(code: number): boolean {
  return isDigit(code) || isLetter(code);
}

function isGap(code: number): boolean {
  return code === 32 || code === 45 || code === 160;
}
