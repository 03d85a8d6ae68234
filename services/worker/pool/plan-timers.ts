import { DRY_AFTER_MS } from './ask-for-jobs.ts';

/** When a pool looks what it can start and ask for: after whatever has happened, and by itself. */
export interface PlanTimers {
  /** Once at the end of this turn of the event loop, however much has happened in it. */
  plan(this: void): void;
  /** Once more when a queue that gives nothing may count as empty. One timer at a time, whatever is pulled meanwhile. */
  lookAgain(): void;
  /** Instead of what was said before; Infinity: not at all. */
  wakeIn(delayMs: number): void;
  stop(): void;
}

/** Timers take no more than 24 days. */
const LONGEST_SLEEP_MS = 60_000;

export function createPlanTimers(step: () => void): PlanTimers {
  let stopped = false;
  let planned = false;
  let wake: NodeJS.Timeout | undefined;
  let dryLook: NodeJS.Timeout | undefined;

  const plan = (): void => {
    if (planned || stopped) return;
    planned = true;
    setImmediate(() => {
      planned = false;
      if (!stopped) step();
    });
  };

  return {
    plan,
    lookAgain() {
      dryLook ??= setTimeout(() => {
        dryLook = undefined;
        plan();
      }, DRY_AFTER_MS + 1).unref();
    },
    wakeIn(delayMs) {
      clearTimeout(wake);
      wake = delayMs === Infinity ? undefined : setTimeout(plan, Math.min(delayMs, LONGEST_SLEEP_MS) + 1);
    },
    stop() {
      stopped = true;
      clearTimeout(wake);
    },
  };
}
