import { hashText } from './rendezvous.ts';

/** Enough of each part to tell conversations apart; a hash over whole documents would cost more than the plan. */
const CHARS_PER_PART = 1_024;
const DEEPEST = 12;

/**
 * A number that the requests of one conversation share, and conversations with other beginnings do not: of the client's own
 * `prompt_cache_key` where it sends one, else of the tools, the instructions and the first message from a user, which later turns
 * repeat. Undefined for requests without any of these.
 */
export function prefixHash(fields: Readonly<Record<string, unknown>>): number | undefined {
  const { prompt_cache_key: key } = fields;
  if (typeof key === 'string' && key !== '') return hashText(key);
  const turns = fields['messages'] ?? fields['contents'] ?? fields['input'];
  const instructions = fields['system'] ?? fields['instructions'] ?? fields['systemInstruction'];
  const parts = [fields['tools'], instructions, ...(Array.isArray(turns) ? opening(turns) : [turns])];
  const text = parts.map((part) => textOf(part, CHARS_PER_PART, 0)).join('\u0000');
  return text.length < parts.length ? undefined : hashText(text);
}

/** Everything up to the first message of a user, that one included. */
function opening(turns: readonly unknown[]): readonly unknown[] {
  const first = turns.findIndex(isOfUser);
  return first < 0 ? turns.slice(0, 1) : turns.slice(0, first + 1);
}

function isOfUser(turn: unknown): boolean {
  return typeof turn === 'object' && turn !== null && 'role' in turn && turn.role === 'user';
}

/** The texts in a value, in order, up to so many characters. Marks that clients move from turn to turn (`cache_control`) are left out. */
function textOf(value: unknown, most: number, depth: number): string {
  if (typeof value === 'string') return value.slice(0, most);
  if (typeof value !== 'object' || value === null || depth > DEEPEST) return '';
  let text = '';
  for (const [name, entry] of Object.entries(value)) {
    if (text.length >= most) break;
    if (name !== 'cache_control' && name !== 'role' && name !== 'type') text += textOf(entry, most - text.length, depth + 1);
  }
  return text;
}
