/** 32-bit FNV-1a, for numbers instead of bytes. https://www.rfc-editor.org/rfc/rfc9923 */
export const HASH_START = 0x81_1c_9d_c5;

/** Not yet unsigned: `>>> 0` at the end makes it so. */
export function hashNumber(hash: number, value: number): number {
  return Math.imul(hash ^ value, 0x01_00_01_93);
}

/** Over UTF-16 code units. */
export function hashText(text: string): number {
  let hash = HASH_START;
  for (let at = 0; at < text.length; at += 1) hash = hashNumber(hash, text.charCodeAt(at));
  return hash >>> 0;
}

/** Spreads the bits of a number, so that neighbours are far apart (MurmurHash3's finalizer). */
function mix(value: number): number {
  let bits = value;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85_eb_ca_6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2_b2_ae_35);
  return (bits ^ (bits >>> 16)) >>> 0;
}

const RANGE = 2 ** 32;

/** What is hashed and how often it shall win, by position. */
export interface Homes {
  readonly idHashes: Uint32Array;
  readonly weights: readonly number[];
}

/**
 * Weighted rendezvous hashing: every member has a number for a key, `-ln(u) / weight` of a uniform u, and the lowest one is the key's home: its place
 * in `members`. Every process computes the same, a member wins as often as its weight says, and when one leaves only the keys that it had
 * go elsewhere. https://en.wikipedia.org/wiki/Rendezvous_hashing
 */
export function homeOf(keyHash: number, members: readonly number[], { idHashes, weights }: Homes): number {
  let home = 0;
  let lowest = Number.POSITIVE_INFINITY;
  for (let position = 0; position < members.length; position += 1) {
    const member = members[position] ?? 0;
    const weight = weights[member] ?? 0;
    const uniform = (mix(keyHash ^ (idHashes[member] ?? 0)) + 0.5) / RANGE;
    // -ln(u) is at least 1 - u: most members are out of the running before their logarithm is needed
    if (weight <= 0 || 1 - uniform >= lowest * weight) continue;
    const score = -Math.log(uniform) / weight;
    if (score >= lowest) continue;
    home = position;
    lowest = score;
  }
  return home;
}
