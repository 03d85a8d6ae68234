import { createHash } from 'node:crypto';

/** What Mistral takes: "must be a-z, A-Z, 0-9, with a length of 9" (its error 3280). */
const OWN_ID = /^[a-zA-Z0-9]{9}$/;
const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const LENGTH = 9;

/** The same for a call and for its result, in every request: another provider's id hashed, Mistral's own as it is. */
export function toolCallId(id: string): string {
  if (OWN_ID.test(id)) return id;
  const hash = createHash('sha256').update(id).digest();
  let short = '';
  for (let at = 0; at < LENGTH; at += 1) short += ALPHABET[(hash[at] ?? 0) % ALPHABET.length] ?? '';
  return short;
}
