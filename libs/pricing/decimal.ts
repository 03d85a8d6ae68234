/** An exact decimal number, `digits × 10^-scale`. Money is never a float here. */
export interface Decimal {
  readonly digits: bigint;
  /** Decimal places, 0 or more. */
  readonly scale: number;
}

/** Bounds that no price needs and that keep a hostile exponent from asking for a gigabyte of digits. */
const MAX_DECIMAL_PLACES = 60;
const MAX_INTEGER_DIGITS = 20;

const DECIMAL = /^\+?(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,4}))?$/;

/**
 * Reads `0.00000015`, `1.5e-07`, `3` exactly as written. Throws `RangeError` for anything else: negative numbers, words,
 * more than 60 decimal places, more than 20 digits before the point.
 */
export function parseDecimal(text: string): Decimal {
  const match = DECIMAL.exec(text);
  const whole = match?.[1] ?? '';
  const fraction = match?.[2] ?? '';
  if (match === null || whole + fraction === '') throw new RangeError('not a decimal number');
  const scale = fraction.length - Number(match[3] ?? 0);
  const digits = BigInt(whole + fraction);
  if (digits === 0n) return { digits, scale: 0 };
  if (scale > MAX_DECIMAL_PLACES) throw new RangeError(`more than ${MAX_DECIMAL_PLACES} decimal places`);
  if (digits.toString().length - scale > MAX_INTEGER_DIGITS)
    throw new RangeError(`more than ${MAX_INTEGER_DIGITS} digits before the point`);
  return scale >= 0 ? { digits, scale } : { digits: digits * 10n ** BigInt(-scale), scale: 0 };
}

/** The digits of `value` at a scale that is at least its own. */
export function digitsAtScale(value: Decimal, scale: number): bigint {
  return value.digits * 10n ** BigInt(scale - value.scale);
}

/** Plain decimal text, no exponent, no trailing zeros: `0.00001275`, `0`, `12`. */
export function formatDecimal(digits: bigint, scale: number): string {
  if (digits === 0n) return '0';
  const text = digits.toString().padStart(scale + 1, '0');
  const whole = text.slice(0, text.length - scale);
  let end = text.length;
  while (end > whole.length && text.charCodeAt(end - 1) === ZERO) end -= 1;
  return end === whole.length ? whole : `${whole}.${text.slice(whole.length, end)}`;
}

const ZERO = 48;
