import { KINDS, NEGATIONS, NUMBER_WORDS, STOP_WORDS, TENSES } from './word-lists.ts';

/**
 * Whether two texts that are close in meaning also agree in what a cosine hardly sees: numbers with their units, names, negations,
 * direction (`from` and `to`), who does it to whom, and any word that is more than a way to put the question. A doubt counts as a difference: a wrong
 * answer costs more than a call. English words; numbers, names and identifiers in any language.
 */
export function haveSameFacts(one: string, two: string): boolean {
  const [a, b] = [factsOf(one), factsOf(two)];
  if (!isSameList(a.numbers, b.numbers) || !isSameList(a.names, b.names)) return false;
  if (a.negations % 2 !== b.negations % 2 || a.tense !== b.tense || a.isYesOrNo !== b.isYesOrNo) return false;
  if (a.kinds.get('ask') !== b.kinds.get('ask')) return false;
  // `how can I` and `how do I` are one question, `can I` and `should I` are two
  const isHow = a.isHow && b.isHow;
  if (KIND_NAMES.some((kind) => !(kind === 'mood' && isHow) && differ(a.kinds.get(kind), b.kinds.get(kind)))) return false;
  for (const [word, follower] of a.after) if (differ(follower, b.after.get(word))) return false;
  // somewhere else the same two things stand the other way round
  if (DIRECTIONS.some((word) => DIRECTIONS.some((other) => other !== word && isSame(a.after.get(word), b.after.get(other))))) return false;
  return isSameList(a.words, b.words);
}

interface Facts {
  readonly numbers: readonly string[];
  readonly names: readonly string[];
  readonly negations: number;
  /** Of each kind of `KINDS` the first that stands there. */
  readonly kinds: ReadonlyMap<string, string>;
  readonly tense: string;
  readonly isHow: boolean;
  readonly isYesOrNo: boolean;
  /** The word behind a direction, and behind each number: its unit. */
  readonly after: ReadonlyMap<string, string>;
  /** Stems of what is left, in their order. */
  readonly words: readonly string[];
}

const DIRECTIONS = ['from', 'to', 'into'] as const;
const YES_OR_NO = /^\s*(?:is|are|am|was|were|do|does|did|has|have|had|should|shall|must|may|might|(?:can|could|will|would)(?!\s+you\b))\b/i;
const KIND_NAMES = ['whose', 'who', 'mood', 'ask'] as const;
const TOKEN = /[\p{L}\p{N}]+(?:[._@/:'’-][\p{L}\p{N}]+)*[%+#]*/gu;

function factsOf(text: string): Facts {
  const numbers: string[] = [];
  const names: string[] = [];
  const words: string[] = [];
  const after = new Map<string, string>();
  let negations = 0;
  const kinds = new Map<string, string>();
  let tense = '';
  let isHow = false;
  let isFirst = true;
  let previousNumber: string | undefined;
  let previous = '';
  for (const [raw] of text.matchAll(TOKEN)) {
    const token = raw.toLowerCase().replaceAll('’', "'");
    const number = NUMBER_WORDS.get(token) ?? (/\p{N}/u.test(token) ? token.replaceAll(/(?<=\d)[,'](?=\d{3})/g, '') : undefined);
    if (number !== undefined) numbers.push(number);
    else if (NEGATIONS.has(token) || token.endsWith("n't")) negations += 1;
    else if (isName(raw, isFirst)) names.push(token.replace(/'s$/, ''));
    else if (!STOP_WORDS.has(token)) words.push(stemOf(token));
    for (const kind of KIND_NAMES) {
      const found = Object.hasOwn(KINDS[kind], token) ? KINDS[kind][token] : undefined;
      if (found !== undefined && !kinds.has(kind)) kinds.set(kind, found);
    }
    if (Object.hasOwn(TENSES, token)) tense = TENSES[token] ?? '';
    isHow ||= token === 'how';
    if (!STOP_WORDS.has(token)) {
      if (DIRECTIONS.some((word) => word === previous)) after.set(previous, stemOf(token));
      else if (previousNumber !== undefined) after.set(`#${previousNumber}`, stemOf(token));
    }
    previousNumber = number;
    previous = token;
    isFirst = false;
  }
  return { numbers, names, negations, kinds, tense, isHow, isYesOrNo: YES_OR_NO.test(text), after, words };
}

/** A capital within a sentence, or anywhere but at its first letter; what looks like an identifier. */
function isName(token: string, isFirst: boolean): boolean {
  if (/[_@/]|\p{Ll}\p{Lu}/u.test(token)) return true;
  if (/^\p{Lu}{2,}/u.test(token)) return true;
  return !isFirst && /^\p{Lu}/u.test(token) && token !== 'I' && !/^I['’]/u.test(token);
}

/** Plurals and the commonest endings: `boils` and `boiling` are one word. */
function stemOf(word: string): string {
  const plain = word.replace(/'s$/, '');
  if (plain.length <= 3) return plain;
  return plain
    .replace(/ies$/, 'y')
    .replace(/(?<=[a-z]{3})(?:ing|ed|es|s)$/, '')
    .replace(/(?<=[a-z]{3})e$/, '')
    .replace(/(.)\1$/, '$1');
}

/** In the same order: `dogs chase cats` is not `cats chase dogs`. */
function isSameList(one: readonly string[], two: readonly string[]): boolean {
  return one.length === two.length && one.every((word, at) => word === two[at]);
}

function isSame(one: string | undefined, two: string | undefined): boolean {
  return one !== undefined && one === two;
}

function differ(one: string | undefined, two: string | undefined): boolean {
  return one !== undefined && two !== undefined && one !== two;
}
