import { type ErrorCode, type ErrorKind, errorKinds } from '#contracts';

/** LiteLLM counts failures by the minute. */
const WINDOW_MS = 60_000;

/** What this process has seen of one deployment in the current minute. */
export interface FailureWindow {
  readonly successes: number;
  readonly failures: number;
  /** Failures since the last success, also of the minutes before. */
  readonly inARow: number;
  /** The same of failures to reach the provider at all. */
  readonly unreachableInARow: number;
  readonly byKind: Readonly<Partial<Record<ErrorKind, number>>>;
}

export interface FailureCounter {
  readonly window: FailureWindow;
  succeeded(now: number): void;
  failed(code: ErrorCode, now: number): void;
  /** After a cooldown everything counts anew. */
  reset(): void;
}

/** A minute begins with the first call after the last one's end. Cheap: it is told of every call. */
export function createFailureCounter(): FailureCounter {
  const window = { successes: 0, failures: 0, inARow: 0, unreachableInARow: 0, byKind: emptyCounts() };
  let endsAt = 0;
  const beginAnew = (now: number): void => {
    if (now < endsAt) return;
    endsAt = now + WINDOW_MS;
    window.successes = 0;
    window.failures = 0;
    window.byKind = emptyCounts();
  };
  return {
    window,
    succeeded(now) {
      beginAnew(now);
      window.successes += 1;
      window.inARow = 0;
      window.unreachableInARow = 0;
    },
    failed(code, now) {
      beginAnew(now);
      window.failures += 1;
      window.inARow += 1;
      window.unreachableInARow = code === 'upstream_unreachable' ? window.unreachableInARow + 1 : 0;
      for (const kind of errorKinds(code)) window.byKind[kind] = (window.byKind[kind] ?? 0) + 1;
    },
    reset() {
      endsAt = 0;
      window.inARow = 0;
      window.unreachableInARow = 0;
    },
  };
}

function emptyCounts(): Partial<Record<ErrorKind, number>> {
  return {};
}
