import { isIPv4, isIPv6 } from 'node:net';
import { isDigit, isWord, trailingRun } from './char-class.ts';
import type { Detector, Finding } from './detector.ts';

const MAX_ADDRESS = 45;

/** IPv4 and IPv6 addresses. Versions (`1.2.3`), times and paths are none; `0.0.0.0`, `::` and loopback name nobody. */
export const ipDetector: Detector = {
  find(text, from) {
    const found: Finding[] = [];
    let at = from;
    // a run that began before has been judged
    if (isOfAddress(text.charCodeAt(at - 1))) while (isOfAddress(text.charCodeAt(at))) at += 1;
    while (at < text.length) {
      if (!isOfAddress(text.charCodeAt(at))) {
        at += 1;
        continue;
      }
      let end = at;
      let separators = 0;
      for (; isOfAddress(text.charCodeAt(end)); end += 1) if (isSeparator(text.charCodeAt(end))) separators += 1;
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
  const address = written.includes('.') && written.indexOf(':') === written.lastIndexOf(':') ? written.replace(/:\d{1,5}$/, '') : written;
  if (NOBODY.has(address)) return undefined;
  const isAddress = isIPv4(address) || (isIPv6(address) && (address.match(/[\da-f]+/gi)?.length ?? 0) >= 2 && /\d/.test(address));
  return isAddress && text[from - 1] !== '-' ? { start: from, end: from + address.length, category: 'IP_ADDRESS' } : undefined;
}

const NOBODY = new Set(['0.0.0.0', '127.0.0.1', '255.255.255.255', '255.255.255.0', '255.255.0.0', '::', '::1']);

function isSeparator(code: number): boolean {
  return code === 46 || code === 58;
}

function isOfAddress(code: number): boolean {
  // hexadecimal digits, : and .
  return isDigit(code) || code === 46 || code === 58 || (code >= 97 && code <= 102) || (code >= 65 && code <= 70);
}
