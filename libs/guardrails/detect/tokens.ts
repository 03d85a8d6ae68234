import { isDigit, isLetter } from './char-class.ts';

/** A word of a normal text. */
export interface Token {
  readonly word: string;
  readonly start: number;
  readonly end: number;
}

/** Scripts that put no space between words: each sign is a word of its own there. */
const UNSPACED = /[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]/;
const LETTER = /[\p{L}\p{N}]/u;
const MAX_WORD = 128;

/** The words of a text from a place on, in order. */
export function tokensOf(text: string, from: number): Token[] {
  const tokens: Token[] = [];
  eachToken(text, from, (start, end) => void tokens.push({ word: text.slice(start, end), start, end }));
  return tokens;
}

/** The same without making anything. One pass. */
export function eachToken(text: string, from: number, visit: (start: number, end: number) => void): void {
  let start = -1;
  for (let at = from; at <= text.length; at += 1) {
    const code = text.charCodeAt(at);
    const isPart = isLetter(code) || isDigit(code);
    const kind = isPart ? 'letter' : code > 127 ? kindOf(text.charAt(at)) : 'other';
    if (kind === 'letter' && start === -1) start = at;
    if (start !== -1 && (kind !== 'letter' || at - start === MAX_WORD)) {
      visit(start, at);
      start = kind === 'letter' ? at : -1;
    }
    if (kind === 'word') visit(at, at + 1);
  }
}

function kindOf(sign: string): 'letter' | 'word' | 'other' {
  if (UNSPACED.test(sign)) return 'word';
  return LETTER.test(sign) ? 'letter' : 'other';
}
