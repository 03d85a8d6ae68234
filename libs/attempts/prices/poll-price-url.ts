import type { BookHolder } from './book-holder.ts';
import type { PriceWatch } from './watch-price-file.ts';

export interface UrlPolling {
  readonly fetchText: () => Promise<string>;
  readonly intervalMs: number;
  readonly now: () => number;
}

/** After a failure the address is asked again sooner than usual, but not at once by every process. */
const RETRY_MS = 15 * 60_000;

/**
 * Starts with the copy on disk and fetches in the background when that is older than the interval: a start neither waits for the address
 * nor asks it again for every process.
 */
export async function pollPriceUrl({ fetchText, intervalMs, now }: UrlPolling, holder: BookHolder): Promise<PriceWatch> {
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;

  const next = (delayMs: number): void => {
    clearTimeout(timer);
    if (!stopped) timer = setTimeout(() => void check(), Math.min(Math.max(0, delayMs), LONGEST_TIMER_MS)).unref();
  };
  const check = async (): Promise<void> => {
    try {
      await holder.offer(await fetchText());
      next(intervalMs);
    } catch (error) {
      holder.failed(error instanceof Error ? error.message : String(error));
      next(Math.min(RETRY_MS, intervalMs));
    }
  };

  const copiedAt = await holder.restore();
  next(copiedAt === undefined ? 0 : copiedAt + intervalMs - now());
  return {
    check,
    stop: () => {
      stopped = true;
      clearTimeout(timer);
    },
  };
}

/** What a timer can hold: 24.8 days. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;
