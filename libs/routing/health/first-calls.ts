/** Calls at a time, and how long that holds after the first of them began. */
const AT_A_TIME = 2;
const HELD_MS = 250;

interface Trial {
  readonly endsAt: number;
  /** Of the pair under way: calls that have not begun, and calls that have not ended. */
  free: number;
  running: number;
  readonly waiting: (() => void)[];
}

/**
 * A process that has just started does not know who is dead, and a burst would find out with all of its requests. So the first
 * calls to a deployment go in pairs, until one succeeds or a quarter of a second has passed: two failures put what is dead out, and
 * mostly it says so sooner.
 */
export interface FirstCalls {
  /** True: call now. Else ask again when the promise resolves. */
  enter(deploymentId: string): true | Promise<void>;
  succeeded(deploymentId: string): void;
  /** A call ended in any other way. `isOut`: it has gone into cooldown, and who waits need wait no longer. */
  ended(deploymentId: string, isOut: boolean): void;
}

export function createFirstCalls(now: () => number): FirstCalls {
  const trials = new Map<string, Trial>();
  const over = new Set<string>();
  const finish = (id: string, trial: Trial): void => {
    over.add(id);
    trials.delete(id);
    releaseAll(trial);
  };
  return {
    enter(id) {
      if (over.has(id)) return true;
      const trial = trials.get(id);
      if (trial === undefined) {
        trials.set(id, { endsAt: now() + HELD_MS, free: AT_A_TIME - 1, running: 1, waiting: [] });
        return true;
      }
      if (now() >= trial.endsAt) {
        finish(id, trial);
        return true;
      }
      if (trial.free === 0) return turnIn(trial, trial.endsAt - now());
      trial.free -= 1;
      trial.running += 1;
      return true;
    },
    succeeded(id) {
      const trial = trials.get(id);
      if (trial) finish(id, trial);
      else if (!over.has(id)) over.add(id);
    },
    ended(id, isOut) {
      const trial = trials.get(id);
      if (trial === undefined) return;
      trial.running = Math.max(0, trial.running - 1);
      if (isOut) releaseAll(trial);
      else if (trial.running === 0) releaseTwo(trial);
    },
  };
}

function turnIn(trial: Trial, atMostMs: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, atMostMs);
    trial.waiting.push(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}

function releaseTwo(trial: Trial): void {
  trial.free = AT_A_TIME;
  for (const release of trial.waiting.splice(0, AT_A_TIME)) release();
}

function releaseAll(trial: Trial): void {
  for (const release of trial.waiting.splice(0)) release();
}
