/**
 * Money while it is counted: pico-dollars (10^-12 US dollars) as bigint, so that sums are exact and never a float. What is finer than a
 * pico-dollar is rounded up: a budget errs on the side of its owner, by a millionth of a millionth per call.
 */
const PLACES = 12;
const DECIMAL = /^\+?(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,3}))?$/;

/** Reads decimal text as `AttemptEvent.cost` and limits have it. Throws `RangeError` for anything else, negative amounts included. */
export function picoOf(usd: string): bigint {
  const match = DECIMAL.exec(usd);
  const [, whole = '', fraction = '', exponent = '0'] = match ?? [];
  if (whole + fraction === '') throw new RangeError(`not an amount of money: ${JSON.stringify(usd)}`);
  const digits = BigInt(whole + fraction);
  const shift = PLACES - fraction.length + Number(exponent);
  if (shift >= 0) return digits * 10n ** BigInt(shift);
  const divisor = 10n ** BigInt(-shift);
  return (digits + divisor - 1n) / divisor;
}

/** Whether `picoOf` can read it. */
export function isUsd(text: unknown): text is string {
  return typeof text === 'string' && DECIMAL.test(text) && /\d/.test(text);
}

/** Plain decimal text: `0.00001275`, `0`, `-0.5`. */
export function usdOf(pico: bigint): string {
  if (pico < 0n) return `-${usdOf(-pico)}`;
  const text = pico.toString().padStart(PLACES + 1, '0');
  const fraction = text.slice(-PLACES).replace(/0+$/, '');
  const whole = text.slice(0, -PLACES);
  return fraction === '' ? whole : `${whole}.${fraction}`;
}

export function least(amounts: readonly bigint[]): bigint | undefined {
  return amounts.reduce<bigint | undefined>((found, one) => (found === undefined || one < found ? one : found), undefined);
}
