import { GatewayError } from '#contracts';

/**
 * Joins the text of a second answer on to the first, whatever its model makes of being asked to go on:
 *
 * - it goes on exactly where the text stopped: all of it is passed on;
 * - it repeats the last words first: what is repeated is left out;
 * - it starts anew with the whole text: left out up to where the text stopped;
 * - it starts anew with another text: `upstream_invalid_response`, for the two can't be joined.
 *
 * Text is held back only as long as it may still be a repetition, which is over with the first character that differs.
 */
export interface TextJoiner {
  /** Returns what of the text is to be passed on now. Throws `GatewayError`. */
  push(text: string): string;
  /** Nothing more comes: what was held back. */
  end(): string;
}

export interface JoinOptions {
  /** White space at the end of the first text that the second model was not given (a prefill must not end in space). */
  readonly withheldSpace?: string | undefined;
}

/** A repetition is looked for in so many last characters; the whole text, started anew, is found whatever its length. */
const REPEATED_CHARS = 2_000;
/** Fewer letters and digits than this repeat by chance. */
const REPEATED_LETTERS = 8;
/** One whole word, at least so long, that a text can't go on with in its middle ("the fox|fox jumps"). */
const REPEATED_WORD = 3;
/** Two texts that begin alike for so long and then differ are two answers to one question. */
const SAME_BEGINNING = 24;

export function createTextJoiner(sent: string, options: JoinOptions = {}): TextJoiner {
  const withheld = options.withheldSpace ?? '';
  let open = possibleStarts(sent);
  let whole: number[] = [];
  let held = '';
  let decided = sent === '';

  const decide = (): string => {
    decided = true;
    const repeated = whole.map((start) => sent.length - start).filter((length) => isRepetition(sent, held, length));
    const longest = Math.max(0, ...repeated);
    if (longest === 0 && beginsAlike(sent, held)) {
      throw new GatewayError('upstream_invalid_response', 'The answer could not be continued: another one was begun.');
    }
    return longest > 0 ? held.slice(longest) : withoutWithheld(held, withheld);
  };

  return {
    push(text) {
      if (decided) return text;
      const from = held.length;
      held += text;
      for (let at = from; at < held.length && open.length > 0; at += 1) {
        open = open.filter((start) => sent[start + at] === held[at]);
        const ended = open.filter((start) => start + at + 1 === sent.length);
        if (ended.length > 0) {
          whole.push(...ended);
          open = open.filter((start) => start + at + 1 < sent.length);
        }
      }
      // a repetition that is whole is told from chance by the character behind it
      if (open.length > 0 || whole.some((start) => sent.length - start === held.length)) return '';
      return decide();
    },
    end() {
      if (decided) return '';
      const text = decide();
      whole = [];
      return text;
    },
  };
}

function possibleStarts(sent: string): number[] {
  const starts = [0];
  for (let start = Math.max(1, sent.length - REPEATED_CHARS); start < sent.length; start += 1) starts.push(start);
  return starts;
}

/** Whether the first `length` characters of the new text, which are the last ones of the old, were said twice. */
function isRepetition(sent: string, added: string, length: number): boolean {
  const repeated = added.slice(0, length);
  if (repeated.trim() === '') return false;
  if (length === sent.length) return true;
  // a text that repeats itself goes on by repeating itself
  if (goesRound(sent, repeated)) return false;
  if (isWordChar(sent[sent.length - length - 1]) && isWordChar(repeated[0])) return false;
  const letters = repeated.replaceAll(/[^\p{L}\p{N}]/gu, '').length;
  if (letters >= REPEATED_LETTERS) return true;
  const endsAWord = isWordChar(repeated.at(-1)) && !isWordChar(added[length]);
  return endsAWord && letters >= REPEATED_WORD && letters === repeated.length;
}

/** Whether the end of `sent`, which is `repeated`, has been there at least twice. */
function goesRound(sent: string, repeated: string): boolean {
  const period = smallestPeriod(repeated);
  return period * 2 <= repeated.length || sent.endsWith(repeated.slice(0, period) + repeated);
}

function smallestPeriod(text: string): number {
  for (let period = 1; period < text.length; period += 1) {
    if (text.startsWith(text.slice(period))) return period;
  }
  return text.length;
}

function isWordChar(char: string | undefined): boolean {
  return char !== undefined && /[\p{L}\p{N}_]/u.test(char);
}

function beginsAlike(sent: string, added: string): boolean {
  let same = 0;
  while (same < sent.length && same < added.length && sent[same] === added[same]) same += 1;
  return same >= SAME_BEGINNING && same < sent.length;
}

function withoutWithheld(added: string, withheld: string): string {
  let same = 0;
  while (same < withheld.length && withheld[same] === added[same]) same += 1;
  return added.slice(same);
}
