/**
 * How many tokens a stream has come to, never too few: providers tell at the end, and by then it is spent. Three letters to a token (English
 * has four), one for every other character, and at least one for every event, which is how hidden reasoning shows.
 */
export interface ProducedTokens {
  /** The provider's bytes, for the events in them. */
  saw(chunk: Uint8Array): void;
  /** `producedText` is all of it so far. Exact from `mattersAt` on; what is below is only known to be below. */
  count(producedText: string, mattersAt: number): number;
  /** The provider has said what it came to: only what comes from here on is counted. */
  restart(producedText: string): void;
}

const LETTERS_PER_TOKEN = 3;
const [LINE_FEED, CARRIAGE_RETURN, ASCII_END] = [10, 13, 128];

export function createProducedTokens(): ProducedTokens {
  let countedChars = 0;
  let plain = 0;
  let others = 0;
  let events = 0;
  let lineIsEmpty = true;
  const counted = (): number => Math.ceil(plain / LETTERS_PER_TOKEN) + others;
  return {
    saw(chunk) {
      // an empty line ends an event
      for (const byte of chunk) {
        if (byte === LINE_FEED) {
          if (lineIsEmpty) events += 1;
          lineIsEmpty = true;
        } else if (byte !== CARRIAGE_RETURN) lineIsEmpty = false;
      }
    },
    count(producedText, mattersAt) {
      // reading a string that has just grown copies it whole: 20,000 times for a long answer, were it done with every event
      const atMost = Math.max(counted() + producedText.length - countedChars, events);
      if (atMost < mattersAt) return atMost;
      for (; countedChars < producedText.length; countedChars += 1) {
        if (producedText.charCodeAt(countedChars) < ASCII_END) plain += 1;
        else others += 1;
      }
      return Math.max(counted(), events);
    },
    restart(producedText) {
      countedChars = producedText.length;
      [plain, others, events] = [0, 0, 0];
    },
  };
}
