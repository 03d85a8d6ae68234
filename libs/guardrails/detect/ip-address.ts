import { isIPv4 } from 'node:net';
import { isDigit, isWord, trailingRun } from './char-class.ts';
import type { Detector, Finding } from './detector.ts';
import { ADDRESS, DIGIT, isOf, LETTER } from './text-kinds.ts';
import { TextPass } from './text-pass.ts';

const MAX_ADDRESS = 45;

/** IPv4 and IPv6 addresses. Versions (`1.2.3`), times and paths are none; `0.0.0.0`, `::` and loopback name nobody. */
export const ipDetector: Detector = {
  find(text, from, pass) {
    const found: Finding[] = [];
    if (!text.includes('.', from) && !text.includes(':', from)) return found;
    const { kinds } = pass ?? new TextPass(text, from);
    let at = from;
    // a run that began before has been judged
    if (from > 0 && isOf(kinds, from - 1, ADDRESS)) while (isOf(kinds, at, ADDRESS)) at += 1;
    const { length } = text;
    while (at < length) {
      if (!isOf(kinds, at, ADDRESS)) {
        at += 1;
        continue;
      }
      let end = at;
      let separators = 0;
      for (; isOf(kinds, end, ADDRESS); end += 1) if (!isOf(kinds, end, DIGIT | LETTER)) separators += 1;
      const finding = separators < 2 ? undefined : addressIn(text, at, end);
      if (finding !== undefined) found.push(finding);
      at = end;
    }
    return found;
  },
  holdFrom: (text, from) => trailingRun(text, from, isOfAddress),
};

function addressIn(text: string, from: number, to: number): Finding | undefined {
  let end = to;
  // the end of a sentence
  while (end > from && (text[end - 1] === '.' || (text[end - 1] === ':' && text[end - 2] !== ':'))) end -= 1;
  if (end - from < 3 || end - from > MAX_ADDRESS + 6 || isWord(text.charCodeAt(from - 1)) || isWord(text.charCodeAt(to))) return undefined;
  const written = text.slice(from, end);
  // with a port: 10.1.2.3:8080
  const address = written.includes('.') && written.indexOf(':') === written.lastIndexOf(':') ? withoutPort(written) : written;
  if (text[from - 1] === '-' || NOBODY.has(address)) return undefined;
  const isAddress = address.includes(':') ? isIpv6(address) : isIPv4(address);
  return isAddress ? { start: from, end: from + address.length, category: 'IP_ADDRESS' } : undefined;
}

function withoutPort(written: string): string {
  return written.includes(':') ? written.replace(/:\d{1,5}$/, '') : written;
}

const GROUPS = 8;

/** RFC 4291, 2.2, with two groups and a digit in one of them: `a::` and `dead::beef` are words of programs. */
function isIpv6(address: string): boolean {
  const [colon, { length }] = [58, address];
  let [groups, inGroup, gap, hasDigit] = [0, 0, -1, false];
  for (let at = 0; at < length; at += 1) {
    const code = address.charCodeAt(at);
    if (code === DOT) return hasIpv4(address, { at: at - inGroup, groups: groups - 1, hasGap: gap !== -1 });
    if (code === colon) {
      if (inGroup === 0 && address.charCodeAt(at - 1) === colon && gap !== -1) return false;
      if (inGroup === 0 && address.charCodeAt(at - 1) === colon) gap = groups;
      else if (inGroup === 0 && !(at === 0 && address.charCodeAt(1) === colon)) return false;
      inGroup = 0;
      continue;
    }
    if (inGroup === 0) groups += 1;
    inGroup += 1;
    if (isDigit(code)) hasDigit = true;
    if (inGroup > 4) return false;
  }
  const isEnded = inGroup > 0 || gap === groups;
  return isEnded && hasDigit && groups >= 2 && (gap === -1 ? groups === GROUPS : groups < GROUPS);
}

interface Before {
  readonly at: number;
  readonly groups: number;
  readonly hasGap: boolean;
}

/** An address of version 4 takes the place of the last two groups. */
function hasIpv4(address: string, { at, groups, hasGap }: Before): boolean {
  return (hasGap ? groups + 2 < GROUPS : groups + 2 === GROUPS) && isIPv4(address.slice(at));
}

const DOT = 46;

const NOBODY = new Set(['0.0.0.0', '127.0.0.1', '255.255.255.255', '255.255.255.0', '255.255.0.0', '::', '::1']);

/** Hexadecimal digits, : and . */
function isOfAddress(code: number): boolean {
  return isDigit(code) || code === 46 || code === 58 || (code >= 97 && code <= 102) || (code >= 65 && code <= 70);
}
