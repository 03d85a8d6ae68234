/** Positions in a table of weights, each once, in the order of first use; `count` of them are set. */
export interface TextFeatures {
  readonly positions: Uint32Array;
  readonly count: number;
}

export type FeatureHasher = (text: string) => TextFeatures;

/** Of a long text the beginning and the end are read: what is asked stands there, and a request is scored in well under a millisecond. */
const HEAD_CHARS = 2_000;
const TAIL_CHARS = 1_000;
const MOST_FEATURES = 12_288;
const SHORTEST_GRAM = 3;
const LONGEST_GRAM = 5;

const WORD = /[\p{L}]+|\p{N}+|[^\s\p{L}\p{N}]/gu;

/**
 * Words, pairs of words, runs of three to five characters within a word, and the text's shape (length, share of digits, code), hashed
 * to `2 ** bits` positions (the hashing trick: Weinberger et al., 2009, https://arxiv.org/abs/0902.2206). The result is written over by
 * the next call.
 */
export function createFeatureHasher(bits: number): FeatureHasher {
  const mask = 2 ** bits - 1;
  const positions = new Uint32Array(MOST_FEATURES);
  const seenAt = new Uint32Array(2 ** bits);
  let round = 0;
  let count = 0;

  const add = (hash: number): void => {
    const position = mix(hash) & mask;
    if (seenAt[position] === round || count === MOST_FEATURES) return;
    seenAt[position] = round;
    positions[count] = position;
    count += 1;
  };

  const addGrams = (word: string): void => {
    const padded = `<${word}>`;
    for (let from = 0; from + SHORTEST_GRAM <= padded.length; from += 1) {
      let hash: number = KIND.gram;
      const end = Math.min(padded.length, from + LONGEST_GRAM);
      for (let at = from; at < end; at += 1) {
        hash = step(hash, padded.charCodeAt(at));
        if (at - from + 1 >= SHORTEST_GRAM) add(hash);
      }
    }
  };

  return (text) => {
    round = (round + 1) >>> 0 || 1;
    count = 0;
    const read = excerpt(text).toLowerCase();
    let before: number = KIND.pair;
    for (const [word] of read.matchAll(WORD)) {
      const hash = hashOf(word, KIND.word);
      add(hash);
      add(step(before, hash));
      before = step(KIND.pair, hash);
      if (word.length > 2) addGrams(word);
    }
    for (const hash of shapeOf(text, read)) add(hash);
    return { positions, count };
  };
}

function excerpt(text: string): string {
  return text.length <= HEAD_CHARS + TAIL_CHARS ? text : `${text.slice(0, HEAD_CHARS)} ${text.slice(-TAIL_CHARS)}`;
}

/** Starting values, so that a word and a run of the same characters are two features. */
const KIND = { word: 0x811c9dc5, pair: 0x2f0b4c47, gram: 0x9e3779b9, shape: 0x51ed270b } as const;

/** FNV-1a over UTF-16 units. */
function step(hash: number, unit: number): number {
  return Math.imul(hash ^ unit, 0x01000193);
}

function hashOf(text: string, start: number): number {
  let hash = start;
  for (let at = 0; at < text.length; at += 1) hash = step(hash, text.charCodeAt(at));
  return hash;
}

/** FNV's low bits are weak: the finalizer of MurmurHash3 spreads them. */
function mix(hash: number): number {
  let mixed = hash ^ (hash >>> 16);
  mixed = Math.imul(mixed, 0x85ebca6b);
  mixed ^= mixed >>> 13;
  mixed = Math.imul(mixed, 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

function shapeOf(text: string, read: string): readonly number[] {
  const shape = (name: string, size: number): number => hashOf(`${name}${size}`, KIND.shape);
  const digits = read.match(/\d/g)?.length ?? 0;
  const lines = read.match(/\n/g)?.length ?? 0;
  const signs = read.match(/[=<>^*/+\\{}()[\]_$]/g)?.length ?? 0;
  return [
    shape('length', Math.round(2 * Math.log2(text.length + 1))),
    shape('digits', Math.round((20 * digits) / (read.length + 1))),
    shape('numbers', Math.round(2 * Math.log2(digits + 1))),
    shape('lines', Math.round(2 * Math.log2(lines + 1))),
    shape('signs', Math.round((30 * signs) / (read.length + 1))),
  ];
}
