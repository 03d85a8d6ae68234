import { type DigitGroups, digitGroups } from './digit-runs.ts';
import { kindsOf } from './text-kinds.ts';

/**
 * What several detectors want to know of a text from a place on, found out once. They read every sign of every text: a table of bytes is several
 * times as fast as the text itself.
 */
export class TextPass {
  readonly #text: string;
  readonly #from: number;
  #kinds: Uint8Array | undefined;
  #digits: DigitGroups | undefined;

  constructor(text: string, from: number) {
    this.#text = text;
    this.#from = from;
  }

  /** The kind of each unit of the text, and a 0 behind them. */
  get kinds(): Uint8Array {
    return (this.#kinds ??= kindsOf(this.#text));
  }

  get digits(): DigitGroups {
    return (this.#digits ??= digitGroups(this.kinds, this.#from));
  }
}
