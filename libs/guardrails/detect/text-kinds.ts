/** What a UTF-16 unit is, as bits. A unit outside of the text is nothing of it. */
export const DIGIT = 1;
/** Of ASCII. */
export const LETTER = 2;
export const UNDERSCORE = 4;
/** Not of ASCII. */
export const FOREIGN = 8;
/** What people put between the digits of one number: space, no-break space, ( ) - . / and the dashes of typography. */
export const GAP = 16;
/** Of IPv4 and IPv6 addresses: hexadecimal digits, `.` and `:`. */
export const ADDRESS = 32;
/** Latin letters with accents. */
export const ACCENTED = 64;
/** . - + _ % ' & as they stand in the names of mail addresses. */
export const MAIL_SIGN = 128;

export const WORD = DIGIT | LETTER | UNDERSCORE | FOREIGN;

const KINDS = Uint8Array.from({ length: 0x2014 }, (_, code) => kindOf(code));

function kindOf(code: number): number {
  const sign = String.fromCharCode(code);
  return (
    (/[0-9]/.test(sign) ? DIGIT : 0) |
    (/[a-zA-Z]/.test(sign) ? LETTER : 0) |
    (sign === '_' ? UNDERSCORE : 0) |
    (code > 127 ? FOREIGN : 0) |
    (/[ \u00a0()\-./\u2010-\u2013]/.test(sign) ? GAP : 0) |
    (/[0-9a-fA-F.:]/.test(sign) ? ADDRESS : 0) |
    (code >= 192 && code < 592 ? ACCENTED : 0) |
    (/[.\-+_%'&]/.test(sign) ? MAIL_SIGN : 0)
  );
}

/** The kind of each unit of a text, and a 0 behind them. */
export function kindsOf(text: string): Uint8Array {
  const { length } = text;
  const kinds = new Uint8Array(length + 1);
  for (let at = 0; at < length; at += 1) {
    const code = text.charCodeAt(at);
    kinds[at] = code < KINDS.length ? (KINDS[code] ?? 0) : FOREIGN;
  }
  return kinds;
}

/** Whether the unit at a place is of one of the kinds; none is outside of the text. */
export function isOf(kinds: Uint8Array, at: number, kind: number): boolean {
  return ((kinds[at] ?? 0) & kind) !== 0;
}
