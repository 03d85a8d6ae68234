import { isDigit, isLetter } from './char-class.ts';

/** Scripts that put no space between words: each sign is a word of its own there. */
const UNSPACED = /[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]/;
const LETTERS = /[\p{L}\p{N}]/u;
const MAX_WORD = 128;

/** The words of a normal text, in order: where they are. What they are is read when it is asked for. */
export class Tokens {
  readonly #text: string;
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];

  constructor(text: string) {
    this.#text = text;
    eachToken(text, 0, (start, end) => {
      this.#starts.push(start);
      this.#ends.push(end);
    });
  }

  get count(): number {
    return this.#starts.length;
  }

  startOf(index: number): number {
    return this.#starts[index] ?? 0;
  }

  endOf(index: number): number {
    return this.#ends[index] ?? 0;
  }

  word(index: number): string {
    return this.#text.slice(this.startOf(index), this.endOf(index));
  }

  /** The first unit of a word, without reading all of it. */
  firstOf(index: number): number {
    return this.#text.charCodeAt(this.startOf(index));
  }
}

/** The words of a text from a place on, without making anything. One pass. */
export function eachToken(text: string, from: number, visit: (start: number, end: number) => void): void {
  let start = -1;
  for (let at = from; at <= text.length; at += 1) {
    const code = text.charCodeAt(at);
    const isAscii = code < 128 || at === text.length;
    const kind = isAscii ? (isLetter(code) || isDigit(code) ? LETTER : OTHER) : kindOf(code);
    if (kind === LETTER && start === -1) start = at;
    if (start !== -1 && (kind !== LETTER || at - start === MAX_WORD)) {
      visit(start, at);
      start = kind === LETTER ? at : -1;
    }
    if (kind === WORD) visit(at, at + 1);
  }
}

const [LETTER, WORD, OTHER] = [1, 2, 3];

/** By unit, filled as they are met; 0 for those that were not. */
const KINDS = new Uint8Array(0x10000);

function kindOf(code: number): number {
  return KINDS[code] || (KINDS[code] = newKind(String.fromCharCode(code)));
}

function newKind(sign: string): number {
  if (UNSPACED.test(sign)) return WORD;
  return LETTERS.test(sign) ? LETTER : OTHER;
}
