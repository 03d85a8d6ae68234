/** Check digits of numbers that people carry, each over the digits alone. */

/** Of the digits in a part of a text. ISO/IEC 7812-1, annex B: cards, Canadian SIN, Swedish personal numbers. */
export function isLuhn(text: string, from = 0, to = text.length): boolean {
  let sum = 0;
  let isDoubled = false;
  for (let at = to - 1; at >= from; at -= 1) {
    const digit = text.charCodeAt(at) - 48;
    // what stands between digits
    if (digit < 0 || digit > 9) continue;
    const value = isDoubled ? digit * 2 : digit;
    sum += value > 9 ? value - 9 : value;
    isDoubled = !isDoubled;
  }
  return sum % 10 === 0;
}

/** A number of any length modulo 97 (ISO 7064). */
export function mod97(digits: string): number {
  let rest = 0;
  for (const digit of digits) rest = (rest * 10 + Number(digit)) % 97;
  return rest;
}

export function weightedSum(digits: string, weights: readonly number[]): number {
  let sum = 0;
  for (let index = 0; index < weights.length; index += 1) sum += Number(digits[index]) * (weights[index] ?? 0);
  return sum;
}

/** ISO 7064, MOD 11,10: the German tax number. */
export function isMod11And10(digits: string): boolean {
  let product = 10;
  for (const digit of digits.slice(0, -1)) {
    const sum = (Number(digit) + product) % 10 || 10;
    product = (sum * 2) % 11;
  }
  return (11 - product) % 10 === Number(digits.at(-1));
}

// Verhoeff, "Error detecting decimal codes" (1969): the multiplication of the dihedral group D5 and its permutation
const TURN = [
  [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
  [1, 2, 3, 4, 0, 6, 7, 8, 9, 5],
  [2, 3, 4, 0, 1, 7, 8, 9, 5, 6],
  [3, 4, 0, 1, 2, 8, 9, 5, 6, 7],
  [4, 0, 1, 2, 3, 9, 5, 6, 7, 8],
  [5, 9, 8, 7, 6, 0, 4, 3, 2, 1],
  [6, 5, 9, 8, 7, 1, 0, 4, 3, 2],
  [7, 6, 5, 9, 8, 2, 1, 0, 4, 3],
  [8, 7, 6, 5, 9, 3, 2, 1, 0, 4],
  [9, 8, 7, 6, 5, 4, 3, 2, 1, 0],
] as const;
const MOVE = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4] as const;

/** The permutation applied once, twice, ... */
const MOVED: readonly (readonly number[])[] = Array.from({ length: 8 }, (_, steps) =>
  Array.from({ length: 10 }, (__, digit) => {
    let moved = digit;
    for (let step = 0; step < steps; step += 1) moved = MOVE[moved] ?? 0;
    return moved;
  }),
);

/** Of the digits in a part of a text. Indian Aadhaar numbers. */
export function isVerhoeff(text: string, from = 0, to = text.length): boolean {
  let check = 0;
  let index = 0;
  for (let at = to - 1; at >= from; at -= 1) {
    const digit = text.charCodeAt(at) - 48;
    // what stands between digits
    if (digit < 0 || digit > 9) continue;
    check = TURN[check]?.[MOVED[index % 8]?.[digit] ?? 0] ?? 0;
    index += 1;
  }
  return check === 0;
}

/** EAN-13: the Swiss AHV number is one. */
export function isEan13(digits: string): boolean {
  return weightedSum(digits, [1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1]) % 10 === 0;
}
