/**
 * Keeps the share of requests that get a second attempt: every request that may be hedged adds its share of one, every hedge takes a whole one.
 * A provider that slows down for all would otherwise be given, with its neighbours, twice the load at the worst time.
 */
export interface HedgeShare {
  /** A request that may be hedged has come. */
  earn(maxShare: number): void;
  /** False when the share is used up. */
  take(): boolean;
  /** A hedge that was not made after all. */
  giveBack(): void;
}

/** What quiet times may save up. */
const MOST_SAVED = 10;

export function createHedgeShare(): HedgeShare {
  // the first late request need not wait for twenty others
  let saved = 1;
  return {
    earn(maxShare) {
      saved = Math.min(MOST_SAVED, saved + maxShare);
    },
    take() {
      // sums of fractions end a hair below the whole
      if (saved < 1 - 1e-9) return false;
      saved -= 1;
      return true;
    },
    giveBack() {
      saved += 1;
    },
  };
}
