import { isWord } from './char-class.ts';
import type { Detector, Finding } from './detector.ts';
import { normalise, originOf } from './normalise.ts';
import { createPhraseTrie } from './phrase-trie.ts';
import { Tokens } from './tokens.ts';

export interface WordList {
  readonly category: string;
  readonly phrases: readonly string[];
}

/**
 * Words and phrases as whole words, whatever their case, accents, invisible signs and look-alike letters. What stands inside an allowed phrase is
 * not found.
 */
export function createWordsDetector(lists: readonly WordList[], allowed: readonly string[]): Detector {
  const ALLOWED = '';
  const trie = createPhraseTrie([
    ...allowed.map((phrase): [string, string] => [phrase, ALLOWED]),
    ...lists.flatMap(({ category, phrases }) => phrases.map((phrase): [string, string] => [phrase, category])),
  ]);
  return {
    find(text, from) {
      // a word that began before is whole, and none of ours
      const base = wordStart(text, from);
      const normal = normalise(text.slice(base));
      const tokens = new Tokens(normal.text);
      const found: Finding[] = [];
      for (let index = 0; index < tokens.count; index += 1) {
        const match = base + originOf(normal, tokens.startOf(index)) < from ? undefined : trie.match(tokens, index);
        if (match === undefined) continue;
        const [start, end] = [tokens.startOf(index), tokens.endOf(index + match.words - 1)];
        index += match.words - 1;
        if (match.category === ALLOWED) continue;
        found.push({ start: base + originOf(normal, start), end: base + originOf(normal, end), category: match.category });
      }
      return found;
    },
    holdFrom(text, from) {
      const normal = normalise(text.slice(from));
      const tokens = new Tokens(normal.text);
      const last = tokens.count - 1;
      const isCut = last >= 0 && tokens.endOf(last) === normal.text.length;
      const least = Math.max(0, tokens.count - trie.longest);
      for (let index = least; index < tokens.count; index += 1) {
        const isOpen = trie.mayBegin(tokens, index, isCut);
        if (isOpen) return from + originOf(normal, tokens.startOf(index));
      }
      // a sign that takes no room may stand inside a word
      return isCut ? from + originOf(normal, tokens.startOf(last)) : text.length;
    },
  };
}

const LONGEST_WORD = 128;

function wordStart(text: string, from: number): number {
  let at = from;
  while (at > 0 && from - at < LONGEST_WORD && isWord(text.charCodeAt(at - 1))) at -= 1;
  return at;
}
