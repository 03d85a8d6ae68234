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

/** The words of a text from a place on, in order. One pass. */
export function tokensOf(text: string, from: number): Token[] {
  const tokens: Token[] = [];
  let start = -1;
  for (let at = from; at <= text.length; at += 1) {
    const kind = kindOf(text, at);
    if (kind === 'letter' && start === -1) start = at;
    if (start !== -1 && (kind !== 'letter' || at - start === MAX_WORD)) {
      tokens.push({ word: text.slice(start, at), start, end: at });
      start = kind === 'letter' ? at : -1;
    }
    if (kind === 'word') tokens.push({ word: text.charAt(at), start: at, end: at + 1 });
  }
  return tokens;
}

function kindOf(text: string, at: number): 'letter' | 'word' | 'other' {
  const code = text.charCodeAt(at);
  if (isLetter(code) || isDigit(code)) return 'letter';
  if (!(code > 127)) return 'other';
  const sign = text.charAt(at);
  if (UNSPACED.test(sign)) return 'word';
  return LETTER.test(sign) ? 'letter' : 'other';
}
