import { isDigit, trailingRun } from './char-class.ts';

/** Digits with what people put between them, cut where two or more other characters stand in between. */
export interface DigitRun {
  readonly start: number;
  readonly end: number;
  /** The groups of digits in it. */
  readonly groups: readonly DigitGroup[];
  /** In all of them. */
  readonly digits: number;
}

export interface DigitGroup {
  readonly start: number;
  readonly end: number;
}

/** Runs with fewer are of no interest. */
const FEWEST_DIGITS = 7;

/** One pass over the text. A run may begin with `+` or `(`. */
export function digitRuns(text: string, from: number): readonly DigitRun[] {
  const runs: DigitRun[] = [];
  let at = from;
  if (isDigit(text.charCodeAt(at - 1))) while (isDigit(text.charCodeAt(at))) at += 1;
  while (at < text.length) {
    if (!isDigit(text.charCodeAt(at))) {
      at += 1;
      continue;
    }
    const run = runFrom(text, at, from);
    if (run.digits >= FEWEST_DIGITS) runs.push(run);
    at = run.end;
  }
  return runs;
}

function runFrom(text: string, first: number, from: number): DigitRun {
  const groups: DigitGroup[] = [];
  let digits = 0;
  let at = first;
  while (isDigit(text.charCodeAt(at))) {
    const start = at;
    while (isDigit(text.charCodeAt(at))) at += 1;
    groups.push({ start, end: at });
    digits += at - start;
    const next = skipSeparators(text, at);
    if (!isDigit(text.charCodeAt(next))) break;
    at = next;
  }
  let start = first;
  while (start > from && first - start < 2 && isOpening(text.charCodeAt(start - 1))) start -= 1;
  return { start, end: groups.at(-1)?.end ?? at, groups, digits };
}

/** `) `, ` (`, ` - `: three at most. */
function skipSeparators(text: string, at: number): number {
  let next = at;
  while (next - at < 3 && isSeparator(text.charCodeAt(next))) next += 1;
  return next;
}

/** + ( */
function isOpening(code: number): boolean {
  return code === 43 || code === 40;
}

/** Space, tab, no-break space, ( ) - . / and the dashes of typography. */
function isSeparator(code: number): boolean {
  return code === 32 || code === 160 || code === 40 || code === 41 || (code >= 45 && code <= 47) || (code >= 0x2010 && code <= 0x2013);
}

/** Where a run of digits that may go on begins. */
export function holdDigits(text: string, from: number): number {
  return trailingRun(text, from, (code) => isDigit(code) || isSeparator(code) || isOpening(code));
}

/** How many digits the groups from one to another have. */
export function countDigits(groups: readonly DigitGroup[], first: number, last: number): number {
  let digits = 0;
  for (let index = first; index <= last; index += 1) {
    const group = groups[index];
    if (group !== undefined) digits += group.end - group.start;
  }
  return digits;
}

export function digitsOf(text: string, from: number, to: number): string {
  return text.slice(from, to).replace(/\D/g, '');
}
