import { normalise } from './normalise.ts';
import { Tokens } from './tokens.ts';

/** Phrases by their words. A word may end in `*`: it then stands for all that begin so. */
export interface PhraseTrie {
  /** How many of the tokens from `index` on are a phrase, the longest; 0 for none. */
  match(tokens: Tokens, index: number): PhraseMatch | undefined;
  /** Whether the tokens from `index` to the last could be the beginning of a phrase, the last one perhaps cut. */
  mayBegin(tokens: Tokens, index: number, isLastCut: boolean): boolean;
  readonly longest: number;
}

export interface PhraseMatch {
  readonly words: number;
  readonly category: string;
}

interface Node {
  readonly next: Map<string, Node>;
  /** Beginnings of words that may go on in any way, with what follows them. */
  readonly open: Map<string, Node>;
  /** Lengths of the words in `open`. */
  readonly lengths: Set<number>;
  category: string | undefined;
}

const newNode = (): Node => ({ next: new Map(), open: new Map(), lengths: new Set(), category: undefined });

export function createPhraseTrie(phrases: Iterable<readonly [phrase: string, category: string]>): PhraseTrie {
  const root = newNode();
  let longest = 0;
  for (const [phrase, category] of phrases) {
    const words = wordsOf(phrase);
    longest = Math.max(longest, words.length);
    let node = root;
    for (const word of words) node = child(node, word);
    if (words.length > 0) node.category ??= category;
  }
  // most words begin no phrase
  const first = new Set<number>();
  for (const word of [...root.next.keys(), ...root.open.keys()]) first.add(word.charCodeAt(0));
  const beginsAny = root.open.has('');
  return {
    longest,
    match(tokens, index) {
      if (!beginsAny && !first.has(tokens.firstOf(index))) return undefined;
      let best: PhraseMatch | undefined;
      walk(root, tokens, { index, end: tokens.count }, (node, words) => {
        if (node.category !== undefined) best = { words, category: node.category };
      });
      return best;
    },
    mayBegin(tokens, index, isLastCut) {
      let reached = false;
      const end = isLastCut ? tokens.count - 1 : tokens.count;
      const ends: Node[] = index === end ? [root] : [];
      walk(root, tokens, { index, end }, (node, words) => {
        if (index + words === end) ends.push(node);
      });
      const last = tokens.word(tokens.count - 1);
      for (const node of ends) reached ||= isLastCut ? mayGoOn(node, last) : node.next.size + node.open.size > 0;
      return reached;
    },
  };
}

function wordsOf(phrase: string): string[] {
  // the star is no letter: it is found again by its place
  const { text } = normalise(phrase);
  const tokens = new Tokens(text);
  return Array.from({ length: tokens.count }, (_, index) => tokens.word(index) + (text[tokens.endOf(index)] === '*' ? '*' : ''));
}

function child(node: Node, word: string): Node {
  const isOpen = word.endsWith('*');
  const key = isOpen ? word.slice(0, -1) : word;
  if (isOpen) node.lengths.add(key.length);
  const among = isOpen ? node.open : node.next;
  const found = among.get(key) ?? newNode();
  among.set(key, found);
  return found;
}

interface Part {
  readonly index: number;
  readonly end: number;
}

/** Visits every node that the tokens lead to. A whole word goes before an open one. */
function walk(root: Node, tokens: Tokens, { index, end }: Part, visit: (node: Node, words: number) => void): void {
  let node: Node | undefined = root;
  for (let words = 1; index + words <= end; words += 1) {
    node = step(node, tokens.word(index + words - 1));
    if (node === undefined) return;
    visit(node, words);
  }
}

function step(node: Node, word: string): Node | undefined {
  const whole = node.next.get(word);
  if (whole !== undefined || node.open.size === 0) return whole;
  for (const length of node.lengths) {
    const open = word.length < length ? undefined : node.open.get(word.slice(0, length));
    if (open !== undefined) return open;
  }
  return undefined;
}

/** Whether a word that begins so leads on. */
function mayGoOn(node: Node, cut: string): boolean {
  for (const word of node.next.keys()) if (word.startsWith(cut)) return true;
  for (const word of node.open.keys()) if (word.startsWith(cut) || cut.startsWith(word)) return true;
  return false;
}
