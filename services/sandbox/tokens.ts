/**
 * The sandbox's tokens: a run of letters, digits and non-ASCII characters is one, any other visible character is one, white
 * space belongs to what follows it. Not a real tokenizer: the count must be exact, cheap and the same everywhere.
 */
export function countTokens(text: string): number {
  let count = 0;
  for (let at = nextTokenEnd(text, 0); at !== -1; at = nextTokenEnd(text, at)) count += 1;
  return count === 0 && text !== '' ? 1 : count;
}

/** The pieces of a text, one per token; joined they are the text. */
export function splitTokens(text: string): string[] {
  const pieces: string[] = [];
  let start = 0;
  for (let end = nextTokenEnd(text, 0); end !== -1; end = nextTokenEnd(text, end)) {
    pieces.push(text.slice(start, end));
    start = end;
  }
  const rest = text.slice(start);
  const last = pieces.length - 1;
  if (rest !== '') pieces[Math.max(last, 0)] = (pieces[last] ?? '') + rest;
  return pieces;
}

function nextTokenEnd(text: string, from: number): number {
  let at = from;
  while (at < text.length && text.charCodeAt(at) <= SPACE) at += 1;
  if (at === text.length) return -1;
  if (!isWord(text.charCodeAt(at))) return at + 1;
  while (at < text.length && isWord(text.charCodeAt(at))) at += 1;
  return at;
}

const SPACE = 32;

function isWord(code: number): boolean {
  return code > 127 || (code >= 97 && code <= 122) || (code >= 48 && code <= 57) || (code >= 65 && code <= 90) || code === 95;
}

/** Tokens made on demand: an answer of a million tokens is never held as a million strings. */
export interface TokenSource {
  readonly count: number;
  at(index: number): string;
}

export function textSource(text: string): TokenSource {
  const pieces = splitTokens(text);
  return { count: pieces.length, at: (index) => pieces[index] ?? '' };
}

/** `t0 t1 t2 …`: a reader sees at once whether one is missing, doubled or out of order. */
export function numberedSource(count: number): TokenSource {
  return { count, at: (index) => (index === 0 ? 't0' : ` t${index}`) };
}

const FILLER = 'water runs down the headrace and turns the wheel at the rate the wheel can take while'.split(' ');

export function fillerSource(count: number): TokenSource {
  return { count, at: (index) => (index === 0 ? '' : ' ') + (FILLER[index % FILLER.length] ?? '') };
}
