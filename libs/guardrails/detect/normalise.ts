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
  const plain = new PlainText(original.length);
  for (let at = 0; at < original.length;) {
    const code = original.codePointAt(at) ?? 0;
    if (code < 0x10000) {
      const known = PLAIN[code] || (PLAIN[code] = plainUnit(code));
      if (known === SEVERAL) plain.addAll(plainOf(code), at);
      else if (known !== GONE) plain.add(known, at);
      at += 1;
    } else {
      plain.addAll(plainOf(code), at);
      at += 2;
    }
  }
  return plain.end(original.length);
}

/** Units of the plain text and where each is from. */
class PlainText {
  #length = 0;
  #units: Uint16Array;
  #origin: Uint32Array;

  constructor(length: number) {
    this.#units = new Uint16Array(length + 64);
    this.#origin = new Uint32Array(length + 64);
  }

  add(unit: number, at: number): void {
    // one more than there is room for is for the end
    if (this.#length + 1 >= this.#units.length) this.#grow();
    this.#units[this.#length] = unit;
    this.#origin[this.#length] = at;
    this.#length += 1;
  }

  addAll(text: string, at: number): void {
    for (let index = 0; index < text.length; index += 1) this.add(text.charCodeAt(index), at);
  }

  end(at: number): NormalText {
    this.#origin[this.#length] = at;
    return { text: Buffer.from(this.#units.buffer, 0, this.#length * 2).toString('utf16le'), origin: this.#origin };
  }

  #grow(): void {
    const [units, origin] = [this.#units, this.#origin];
    this.#units = new Uint16Array(units.length * 2);
    this.#units.set(units);
    this.#origin = new Uint32Array(origin.length * 2);
    this.#origin.set(origin);
  }
}

/** What each unit becomes, filled as they are met; 0 for those that were not. */
const PLAIN = new Uint16Array(0x10000);
/** Places that Unicode gives to no sign. */
const [GONE, SEVERAL] = [0xfffe, 0xffff];

function plainUnit(code: number): number {
  // outside of every text's words either way
  if (code === 0) return SPACE;
  const plain = plainOf(code);
  if (plain === '') return GONE;
  return plain.length === 1 && plain.charCodeAt(0) < GONE ? plain.charCodeAt(0) : SEVERAL;
}

const SPACE = 32;

function plainOf(code: number): string {
  const sign = String.fromCodePoint(code);
  if (INVISIBLE.test(sign)) return '';
  const letters = sign.normalize('NFKD').replaceAll(/\p{M}/gu, '').toLowerCase();
  return Array.from(letters, (letter) => LOOKS_LIKE[letter] ?? letter).join('');
}

/** Where in the original a place of the normal text is. */
export function originOf({ origin }: NormalText, at: number): number {
  return origin === undefined ? at : (origin[at] ?? 0);
}
