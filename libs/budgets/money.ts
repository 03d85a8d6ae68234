/**
 * Money while it is counted: pico-dollars (10^-12 US dollars) as bigint, so that sums are exact and never a float. What is finer than a
 * pico-dollar is rounded up: a budget errs on the side of its owner, by a millionth of a millionth per call.
 */
const PLACES = 12;
const DECIMAL = /^\+?(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,3}))?$/;
/** Whole numbers of so many digits are exact as a float too. */
const EXACT_DIGITS = 15;
const POWERS = Array.from({ length: PLACES + 1 }, (_, places) => 10n ** BigInt(places));
const [ZERO, NINE, POINT] = [48, 57, 46];

/** Reads decimal text as `AttemptEvent.cost` and limits have it. Throws `RangeError` for anything else, negative amounts included. */
export function picoOf(usd: string): bigint {
  return plainPico(usd) ?? readPico(usd);
}

/** Of the usual kind of amount, digits and a point: several are read for each call. */
function plainPico(usd: string): bigint | undefined {
  if (usd.length === 0 || usd.length > EXACT_DIGITS) return undefined;
  let digits = 0;
  let point = -1;
  for (let at = 0; at < usd.length; at++) {
    const code = usd.charCodeAt(at);
    if (code === POINT && point < 0) point = at;
    else if (code >= ZERO && code <= NINE) digits = digits * 10 + (code - ZERO);
    else return undefined;
  }
  const places = point < 0 ? 0 : usd.length - point - 1;
  const power = POWERS[PLACES - places];
  return power === undefined || usd.length === (point < 0 ? 0 : 1) ? undefined : BigInt(digits) * power;
}

function readPico(usd: string): bigint {
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
  const point = text.length - PLACES;
  let end = text.length;
  while (end > point && text.charCodeAt(end - 1) === ZERO) end -= 1;
  return end === point ? text.slice(0, point) : `${text.slice(0, point)}.${text.slice(point, end)}`;
}

export function least(amounts: readonly bigint[]): bigint | undefined {
  let found: bigint | undefined;
  for (const one of amounts) if (found === undefined || one < found) found = one;
  return found;
}
