/** 32-bit FNV-1a over UTF-16 code units. https://www.rfc-editor.org/rfc/rfc9923 */
export function hashText(text: string): number {
  let hash = 0x81_1c_9d_c5;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01_00_01_93);
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

/**
 * Weighted rendezvous hashing: a number for a key and a deployment, and the lowest one wins. Every process computes the same, a
 * deployment wins as often as its weight says, and when one leaves only the keys that it had go elsewhere.
 * https://en.wikipedia.org/wiki/Rendezvous_hashing
 */
export function rendezvousScore(keyHash: number, idHash: number, weight: number): number {
  if (weight <= 0) return Number.POSITIVE_INFINITY;
  const uniform = (mix(keyHash ^ idHash) + 0.5) / RANGE;
  return -Math.log(uniform) / weight;
}
