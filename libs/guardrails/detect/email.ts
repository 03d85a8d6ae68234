import { isDigit, isLetter, trailingRun } from './char-class.ts';
import type { Detector, Finding } from './detector.ts';
import { ACCENTED, DIGIT, isOf, LETTER, MAIL_SIGN } from './text-kinds.ts';
import { TextPass } from './text-pass.ts';

/** RFC 5321, 4.5.3.1: the most a local part and a domain can have. */
const MAX_LOCAL = 64;
const MAX_DOMAIN = 255;
const AT = 64;
const DOT = 46;
const DASH = 45;
const ALPHANUMERIC = DIGIT | LETTER | ACCENTED;

/** Addresses of mail, as people write them: unquoted, with a domain of at least two labels. */
export const emailDetector: Detector = {
  find(text, from, pass) {
    const found: Finding[] = [];
    let at = text.indexOf('@', from);
    if (at === -1) return found;
    const { kinds } = pass ?? new TextPass(text, from);
    let end = from;
    for (; at !== -1; at = text.indexOf('@', at + 1)) {
      const stop = domainEnd(text, kinds, at + 1);
      const start = stop === -1 ? at : localStart(text, kinds, { at, from: end });
      if (start === at) continue;
      found.push({ start, end: stop, category: 'EMAIL_ADDRESS' });
      end = stop;
    }
    return found;
  },
  holdFrom(text, from) {
    const run = trailingRun(text, from, isOfAddress);
    const at = text.indexOf('@', run);
    return Math.max(run, (at === -1 ? text.length : at) - MAX_LOCAL);
  },
};

/** The place of the sign itself where nothing before it is a name. */
function localStart(text: string, kinds: Uint8Array, { at, from }: { readonly at: number; readonly from: number }): number {
  const least = Math.max(from, at - MAX_LOCAL);
  let start = at;
  while (start > least && isOf(kinds, start - 1, ALPHANUMERIC | MAIL_SIGN)) start -= 1;
  while (start < at && !isOf(kinds, start, ALPHANUMERIC)) start += 1;
  return text.charCodeAt(at - 1) === DOT ? at : start;
}

/** Where the domain ends, or -1 where it is none: its last label must be letters, at least two. */
function domainEnd(text: string, kinds: Uint8Array, from: number): number {
  if (!isOf(kinds, from, ALPHANUMERIC)) return -1;
  const most = Math.min(text.length, from + MAX_DOMAIN);
  let end = from;
  let dot = -1;
  for (; end < most; end += 1) {
    if (isOf(kinds, end, ALPHANUMERIC)) continue;
    const code = text.charCodeAt(end);
    if (code !== DOT && code !== DASH) break;
    if (code !== DOT || !isOf(kinds, end + 1, ALPHANUMERIC)) continue;
    if (text.charCodeAt(end - 1) === DOT) return -1;
    dot = end;
  }
  if (dot <= from) return -1;
  while (!isOf(kinds, end - 1, ALPHANUMERIC)) end -= 1;
  if (text.slice(from, end).includes('..')) return -1;
  return /^(?:[a-z]{2,24}|xn--[a-z0-9-]{2,59})$/i.test(text.slice(dot + 1, end)) ? end : -1;
}

/** ASCII's, and Latin letters with accents. */
function isAlphanumeric(code: number): boolean {
  return isDigit(code) || isLetter(code) || (code >= 192 && code < 592);
}

function isOfDomain(code: number): boolean {
  return isAlphanumeric(code) || code === DOT || code === DASH;
}

function isLocal(code: number): boolean {
  // . - + _ % ' &
  return isOfDomain(code) || code === 43 || code === 95 || code === 37 || code === 39 || code === 38;
}

function isOfAddress(code: number): boolean {
  return isLocal(code) || code === AT;
}
