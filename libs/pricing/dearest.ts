import { digitsAtScale, parseDecimal } from './decimal.ts';

/** The highest of some amounts, decimal text as costs have it; undefined where there is none. */
export function dearest(amounts: readonly string[]): string | undefined {
  let best: string | undefined;
  for (const amount of amounts) if (best === undefined || (amount !== best && isMore(amount, best))) best = amount;
  return best;
}

function isMore(one: string, other: string): boolean {
  const [a, b] = [parseDecimal(one), parseDecimal(other)];
  const scale = Math.max(a.scale, b.scale);
  return digitsAtScale(a, scale) > digitsAtScale(b, scale);
}
