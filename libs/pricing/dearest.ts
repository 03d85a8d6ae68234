import { digitsAtScale, formatDecimal, parseDecimal } from './decimal.ts';

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

/** The exact sum of those that are known; undefined where none is. */
export function sumOf(amounts: readonly (string | undefined)[]): string | undefined {
  const known = amounts.flatMap((amount) => amount ?? []);
  if (known.length < 2) return known[0];
  const decimals = known.map(parseDecimal);
  const scale = Math.max(...decimals.map((decimal) => decimal.scale));
  return formatDecimal(
    decimals.reduce((sum, decimal) => sum + digitsAtScale(decimal, scale), 0n),
    scale,
  );
}

/** `amount - other`, exact; with a minus where that is below 0. */
export function difference(amount: string, other: string): string {
  const [a, b] = [parseDecimal(amount), parseDecimal(other)];
  const scale = Math.max(a.scale, b.scale);
  const left = digitsAtScale(a, scale) - digitsAtScale(b, scale);
  return left < 0n ? `-${formatDecimal(-left, scale)}` : formatDecimal(left, scale);
}
