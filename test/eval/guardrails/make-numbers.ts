/** Numbers that nobody has, with the check digits that their kind wants: each is made by trying its last signs until an independent rule holds. */

/** Digits that look random and are the same in every run. */
export function digitsFrom(seed: number, length: number): string {
  let state = seed * 2_654_435_761;
  let digits = '';
  for (let index = 0; index < length; index += 1) {
    state = (Math.imul(state ^ (state >>> 15), 2_246_822_519) + index * 374_761_393) >>> 0;
    digits += String((state >>> 8) % 10);
  }
  return digits;
}

/** The first of the stem's continuations that a rule takes. */
export function complete(stem: string, endings: readonly string[], isOne: (text: string) => boolean): string {
  const ending = endings.find((end) => isOne(stem + end));
  if (ending === undefined) throw new Error(`nothing completes ${stem}`);
  return stem + ending;
}

export const DIGITS = '0123456789'.split('');
export const TWO_DIGITS = Array.from({ length: 100 }, (_, number) => String(number).padStart(2, '0'));
export const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'.split('');

/** Luhn by the table of doubled digits. */
export function luhn(digits: string): boolean {
  const doubled = [0, 2, 4, 6, 8, 1, 3, 5, 7, 9];
  return (
    digits
      .split('')
      .reverse()
      .reduce((sum, digit, index) => sum + (index % 2 === 1 ? (doubled[Number(digit)] ?? 0) : Number(digit)), 0) %
      10 ===
    0
  );
}

/** A big number of digits, by arithmetic without bounds. */
export function remainder(digits: string, divisor: number): number {
  return Number(BigInt(digits) % BigInt(divisor));
}

export function weighted(digits: string, weights: readonly number[]): number {
  return weights.reduce((sum, weight, index) => sum + weight * Number(digits[index]), 0);
}

export function grouped(text: string, sizes: readonly number[], separator: string): string {
  let at = 0;
  return sizes
    .map((size) => {
      at += size;
      return text.slice(at - size, at);
    })
    .join(separator);
}

export function range<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index));
}
