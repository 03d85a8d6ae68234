import type { TextPass } from './text-pass.ts';

/** A place in a text that a rule speaks of. Offsets are UTF-16 units, `end` excluded. */
export interface Finding {
  readonly start: number;
  readonly end: number;
  /** What it is: `EMAIL_ADDRESS`, `GITHUB_TOKEN`, the name of a word list. Never any of the text. */
  readonly category: string;
}

/**
 * Finds one kind of thing in a text. Linear in the text's length, whatever the text.
 *
 * `find` gives what starts at `from` or later; the text before it is only looked back at. `holdFrom` says from where on a text that may go on is
 * undecided: what starts before that place is the same whatever follows. Both together let a stream be scanned as it comes, with the same
 * findings however it is cut (`stream/scan-window.ts`). `pass` is of the same text and place.
 */
export interface Detector {
  find(text: string, from: number, pass?: TextPass): readonly Finding[];
  holdFrom(text: string, from: number): number;
}
