import { hashText, HASH_START, hashNumber } from './rendezvous.ts';

/** A hash over whole documents would cost more than the plan: of each text so many characters are read, evenly from all of it, and its length. */
const CHARS_PER_TEXT = 64;
const TEXTS_PER_PART = 64;
const DEEPEST = 12;
/** Marks that clients move from turn to turn (`cache_control`), and names that say nothing of the content. */
const LEFT_OUT: ReadonlySet<string> = new Set(['cache_control', 'role', 'type']);

/**
 * A number that the requests of one conversation share, and conversations with other beginnings hardly ever do: of the client's own
 * `prompt_cache_key` where it sends one, else of the tools, the instructions and the first message from a user, which later turns
 * repeat. Undefined for requests without any of these.
 */
export function prefixHash(fields: Readonly<Record<string, unknown>>): number | undefined {
  const { prompt_cache_key: key } = fields;
  if (typeof key === 'string' && key !== '') return hashText(key);
  const hasher: Hasher = { hash: HASH_START, textsLeft: 0, found: false };
  addPart(hasher, fields['tools']);
  addPart(hasher, fields['system'] ?? fields['instructions'] ?? fields['systemInstruction']);
  const turns = fields['messages'] ?? fields['contents'] ?? fields['input'];
  if (Array.isArray(turns)) addOpening(hasher, turns);
  else addPart(hasher, turns);
  return hasher.found ? hasher.hash : undefined;
}

interface Hasher {
  hash: number;
  textsLeft: number;
  /** Some text was read. */
  found: boolean;
}

/** Everything up to the first message of a user, that one included; the first message where there is none. */
function addOpening(hasher: Hasher, turns: readonly unknown[]): void {
  const first = turns.findIndex(isOfUser);
  for (let at = 0; at <= Math.max(0, first) && at < turns.length; at += 1) addPart(hasher, turns[at]);
}

function isOfUser(turn: unknown): boolean {
  return typeof turn === 'object' && turn !== null && 'role' in turn && turn.role === 'user';
}

/** The number of its part keeps a text from meaning the same as instructions and as a message. */
function addPart(hasher: Hasher, part: unknown): void {
  hasher.hash = hashNumber(hasher.hash, 0);
  hasher.textsLeft = TEXTS_PER_PART;
  addTexts(hasher, part, 0);
}

function addTexts(hasher: Hasher, value: unknown, depth: number): void {
  if (typeof value === 'string') return addText(hasher, value);
  if (typeof value !== 'object' || value === null || depth > DEEPEST) return;
  if (Array.isArray(value)) {
    for (let at = 0; at < value.length && hasher.textsLeft > 0; at += 1) addTexts(hasher, value[at], depth + 1);
    return;
  }
  for (const [name, entry] of Object.entries(value)) {
    if (hasher.textsLeft <= 0) return;
    if (!LEFT_OUT.has(name)) addTexts(hasher, entry, depth + 1);
  }
}

function addText(hasher: Hasher, text: string): void {
  if (text.length === 0) return;
  hasher.found = true;
  hasher.textsLeft -= 1;
  let hash = hashNumber(hasher.hash, text.length);
  const step = Math.max(1, Math.floor(text.length / CHARS_PER_TEXT));
  for (let at = 0; at < text.length; at += step) hash = hashNumber(hash, text.charCodeAt(at));
  hasher.hash = hash >>> 0;
}
