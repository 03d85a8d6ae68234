import { isDigit, trailingRun } from './char-class.ts';
import { DIGIT, GAP, isOf } from './text-kinds.ts';

/** Runs with fewer digits are of no interest. */
const FEWEST_DIGITS = 7;

/**
 * The groups of digits of a text, and which of them belong together: those with no more than what people put between them. Kept as numbers, for a
 * text of nothing but numbers has half as many groups as signs.
 */
export class DigitGroups {
  #count = 0;
  #starts = new Int32Array(64);
  #ends = new Int32Array(64);
  /** Digits before each group. */
  #before = new Int32Array(65);
  /** Of each run one after the other: its first group, and the one behind its last. */
  readonly #runs: number[] = [];

  /** How many runs there are. */
  get runs(): number {
    return this.#runs.length / 2;
  }

  /** The first group of a run. */
  beginOf(run: number): number {
    return this.#runs[run * 2] ?? 0;
  }

  /** The group behind the last of a run. */
  behind(run: number): number {
    return this.#runs[run * 2 + 1] ?? 0;
  }

  startOf(group: number): number {
    return this.#starts[group] ?? 0;
  }

  endOf(group: number): number {
    return this.#ends[group] ?? 0;
  }

  lengthOf(group: number): number {
    return this.endOf(group) - this.startOf(group);
  }

  /** Digits of the groups from one to another, both included. */
  digits(first: number, last: number): number {
    return (this.#before[last + 1] ?? 0) - (this.#before[first] ?? 0);
  }

  get count(): number {
    return this.#count;
  }

  add(start: number, end: number): void {
    if (this.#count === this.#starts.length) this.#grow();
    this.#starts[this.#count] = start;
    this.#ends[this.#count] = end;
    this.#before[this.#count + 1] = (this.#before[this.#count] ?? 0) + end - start;
    this.#count += 1;
  }

  /** The groups from this one on are a run, or forgotten. */
  endRun(first: number): void {
    if (this.digits(first, this.#count - 1) >= FEWEST_DIGITS) this.#runs.push(first, this.#count);
    else this.#count = first;
  }

  #grow(): void {
    const grown = (array: Int32Array, length: number): Int32Array<ArrayBuffer> => {
      const longer = new Int32Array(length);
      longer.set(array);
      return longer;
    };
    const size = this.#count * 2;
    this.#starts = grown(this.#starts, size);
    this.#ends = grown(this.#ends, size);
    this.#before = grown(this.#before, size + 1);
  }
}

/** One pass over the kinds of a text's units. What began before `from` has been judged. */
export function digitGroups(kinds: Uint8Array, from: number): DigitGroups {
  const groups = new DigitGroups();
  let at = from;
  if (from > 0 && isOf(kinds, from - 1, DIGIT)) while (isOf(kinds, at, DIGIT)) at += 1;
  const { length } = kinds;
  while (at < length) {
    if (!isOf(kinds, at, DIGIT)) {
      at += 1;
      continue;
    }
    const first = groups.count;
    for (let next = at; isOf(kinds, next, DIGIT); next = skipGap(kinds, at)) {
      at = next + 1;
      while (isOf(kinds, at, DIGIT)) at += 1;
      groups.add(next, at);
    }
    groups.endRun(first);
  }
  return groups;
}

/** Where a run begins: `+` or `(` before its first group belong to it. */
export function beginOfRun(text: string, first: number, from: number): number {
  let start = first;
  while (start > from && first - start < 2 && isOpening(text.charCodeAt(start - 1))) start -= 1;
  return start;
}

/** `) `, ` (`, ` - `: three at most. */
function skipGap(kinds: Uint8Array, at: number): number {
  if (!isOf(kinds, at, GAP)) return at;
  if (!isOf(kinds, at + 1, GAP)) return at + 1;
  return isOf(kinds, at + 2, GAP) ? at + 3 : at + 2;
}

/** + ( */
function isOpening(code: number): boolean {
  return code === 43 || code === 40;
}

/** As `GAP` is. */
function isSeparator(code: number): boolean {
  return code === 32 || code === 160 || code === 40 || code === 41 || (code >= 45 && code <= 47) || (code >= 0x2010 && code <= 0x2013);
}

/** Where a run of digits that may go on begins. */
export function holdDigits(text: string, from: number): number {
  return trailingRun(text, from, (code) => isDigit(code) || isSeparator(code) || isOpening(code));
}

export function digitsOf(text: string, from: number, to: number): string {
  return text.slice(from, to).replace(/\D/g, '');
}
