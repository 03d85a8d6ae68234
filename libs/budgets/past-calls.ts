import type { AttemptEvent } from '#contracts';
import { addEntry, correctEntry, type RateEntry, type RateMeter, RATE_WINDOW_MS } from './rate-meter.ts';

/** What a new leader learns from events of calls that the one before it admitted: they still count in the last 60 s. */
export interface PastCalls {
  count(event: AttemptEvent, rates: readonly RateMeter[]): void;
  /** Of a call that goes on. */
  entryOf(job: string): RateEntry | undefined;
  forget(): void;
}

export function createPastCalls(now: () => number): PastCalls {
  const entries = new Map<string, RateEntry>();
  return {
    count({ job, acceptedAt, usage }, rates) {
      if (rates.length === 0 || acceptedAt + RATE_WINDOW_MS <= now()) return;
      const known = entries.get(job);
      if (known !== undefined) {
        const tokens = { inputTokens: known.input + usage.inputTokens, outputTokens: known.output + usage.outputTokens };
        return correctEntry(rates, known, tokens, now());
      }
      const entry = { at: acceptedAt, input: usage.inputTokens, output: usage.outputTokens };
      entries.set(job, entry);
      for (const meter of rates) addEntry(meter, entry);
    },
    entryOf: (job) => entries.get(job),
    forget: () => entries.clear(),
  };
}
