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
  ].flatMap(([letters = '', latin = '']) => Array.from(letters, (letter) => [letter, latin])),
);

/** Zero-width and directional signs, soft hyphens, variation selectors, tags. */
const INVISIBLE = /\p{Default_Ignorable_Code_Point}/u;
const ASCII_ONLY = /^[\0-\x7f]*$/;

/** Lower case, compatibility forms made plain (NFKC), marks over letters, invisible signs and look-alikes of other scripts taken away. */
export function normalise(original: string): NormalText {
  if (ASCII_ONLY.test(original)) return { text: original.toLowerCase(), origin: undefined };
  // signs come again and again
  const seen = new Map<number, string>();
  let origin = new Uint32Array(original.length + 64);
  let length = 0;
  let text = '';
  const add = (plain: string, at: number, step: 0 | 1): void => {
    if (length + plain.length >= origin.length) {
      const longer = new Uint32Array((length + plain.length) * 2);
      longer.set(origin);
      origin = longer;
    }
    for (let index = 0; index < plain.length; index += 1) origin[length + index] = at + index * step;
    length += plain.length;
    text += plain;
  };
  for (let at = 0; at < original.length;) {
    const code = original.codePointAt(at) ?? 0;
    if (code < 128) {
      const end = endOfAscii(original, at);
      add(original.slice(at, end).toLowerCase(), at, 1);
      at = end;
      continue;
    }
    let plain = seen.get(code);
    if (plain === undefined) seen.set(code, (plain = plainOf(String.fromCodePoint(code))));
    add(plain, at, 0);
    at += code > 0xffff ? 2 : 1;
  }
  add('\0', original.length, 0);
  return { text: text.slice(0, -1), origin };
}

function endOfAscii(text: string, at: number): number {
  let end = at;
  while (text.charCodeAt(end) < 128) end += 1;
  return end;
}

function plainOf(sign: string): string {
  if (INVISIBLE.test(sign)) return '';
  const letters = sign.normalize('NFKD').replaceAll(/\p{M}/gu, '').toLowerCase();
  return Array.from(letters, (letter) => LOOKS_LIKE[letter] ?? letter).join('');
}

/** Where in the original a place of the normal text is. */
export function originOf({ origin }: NormalText, at: number): number {
  return origin === undefined ? at : (origin[at] ?? 0);
}
