/** A text as rules on words compare it, and where each of its units comes from. */
export interface NormalText {
  readonly text: string;
  /** Offset in the original of the unit at an offset in `text`; `undefined` where they are the same. */
  readonly origin: Uint32Array | undefined;
}

/** Letters of other scripts that look like Latin ones, in lower case (a part of Unicode's confusables, UTS 39). */
const LOOKS_LIKE: Readonly<Record<string, string>> = Object.fromEntries(
  [
    ['аɑα', 'a'],
    ['ьƅв', 'b'],
    ['сϲ', 'c'],
    ['ԁ', 'd'],
    ['еεҽё', 'e'],
    ['ɡ', 'g'],
    ['һн', 'h'],
    ['іιı', 'i'],
    ['јϳ', 'j'],
    ['кκ', 'k'],
    ['ӏ', 'l'],
    ['м', 'm'],
    ['ո', 'n'],
    ['оοσօ', 'o'],
    ['рρ', 'p'],
    ['ԛ', 'q'],
    ['ѕ', 's'],
    ['тτ', 't'],
    ['υս', 'u'],
    ['νѵ', 'v'],
    ['ԝω', 'w'],
    ['хχ', 'x'],
    ['уγ', 'y'],
  ].flatMap(([letters = '', latin = '']) => [...letters].map((letter) => [letter, latin])),
);

/** Zero-width and directional signs, soft hyphens, variation selectors, tags. */
const INVISIBLE =
  /[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\u{e0000}-\u{e01ef}]/u;
const ASCII_ONLY = /^[\0-\x7f]*$/;

/** Lower case, compatibility forms made plain (NFKC), marks over letters, invisible signs and look-alikes of other scripts taken away. */
export function normalise(original: string): NormalText {
  if (ASCII_ONLY.test(original)) return { text: original.toLowerCase(), origin: undefined };
  const origin: number[] = [];
  const parts: string[] = [];
  let at = 0;
  for (const sign of original) {
    const plain = plainOf(sign);
    for (let index = 0; index < plain.length; index += 1) origin.push(at);
    parts.push(plain);
    at += sign.length;
  }
  origin.push(at);
  return { text: parts.join(''), origin: Uint32Array.from(origin) };
}

function plainOf(sign: string): string {
  const code = sign.codePointAt(0) ?? 0;
  if (code < 128) return sign.toLowerCase();
  if (INVISIBLE.test(sign)) return '';
  const letters = sign.normalize('NFKD').replaceAll(/\p{M}/gu, '').toLowerCase();
  return [...letters].map((letter) => LOOKS_LIKE[letter] ?? letter).join('');
}

/** Where in the original a place of the normal text is. */
export function originOf({ origin }: NormalText, at: number): number {
  return origin === undefined ? at : (origin[at] ?? 0);
}
