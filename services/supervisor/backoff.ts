const FIRST_DELAY_MS = 100;
const LONGEST_DELAY_MS = 5_000;
/** A process that was ready this long has recovered: its next failure counts as the first. */
const HEALTHY_AFTER_MS = 30_000;

export interface Backoff {
  /** Call when the process ended; `readyForMs` is how long it was ready, 0 when it never was. */
  next(readyForMs: number): number;
}

/** Milliseconds before each restart: 100, doubling to 5,000, from the start again after 30 s of health. */
export function createBackoff(): Backoff {
  let failures = 0;
  return {
    next: (readyForMs) => {
      if (readyForMs >= HEALTHY_AFTER_MS) failures = 0;
      const delayMs = Math.min(FIRST_DELAY_MS * 2 ** failures, LONGEST_DELAY_MS);
      failures += 1;
      return delayMs;
    },
  };
}
