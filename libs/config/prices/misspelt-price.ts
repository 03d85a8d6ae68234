import { closestKey } from '../keys/closest-key.ts';
import { parsePriceName, PRICE_NAMES, splitSuffixes } from './price-name.ts';

const MAX_EDITS = 2;
const SUFFIXES = ['_above_128k_tokens', '_above_200k_tokens', '_above_256k_tokens', '_above_272k_tokens', '_above_512k_tokens'];
const TIER_SUFFIXES = ['_priority', '_flex', '_batches'];

/** The price a name was probably meant to be; undefined for a price as it is written, and for what is near none. */
export function meantPrice(name: string): string | undefined {
  if (parsePriceName(name) !== undefined) return undefined;
  const base = splitSuffixes(name).base;
  const near = closestKey(base, ['cost_per_token', ...PRICE_NAMES], MAX_EDITS);
  if (near !== undefined) return name.replace(base, near);
  return closestKey(name, longNames(), MAX_EDITS);
}

/** The usual names with an end, in which the end may be misspelt. Made only for a name that is wrong. */
function longNames(): readonly string[] {
  const above = PRICE_NAMES.flatMap((name) => SUFFIXES.map((suffix) => name + suffix));
  return [...PRICE_NAMES, ...above].flatMap((name) => [name, ...TIER_SUFFIXES.map((suffix) => name + suffix)]);
}
