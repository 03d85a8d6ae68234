import { picoOf } from '#budgets';

/** Requests of one batch that were submitted and are not over, and how many more may be. */
export interface InFlight {
  readonly size: number;
  lines(): Iterable<number>;
  isOver(line: number): boolean;
  add(line: number): void;
  /** What it cost, decimal text in US dollars. Counts once. */
  over(line: number, costUsd: string): void;
  /** `full`: none before another one is over; `spent`: none at all. */
  room(): 'free' | 'full' | 'spent';
  /** Resolves when something changes, at the latest after that. */
  change(timeoutMs: number): Promise<void>;
  /** Wakes whoever waits for a change. */
  wake(): void;
}

export interface InFlightOptions {
  readonly most: number;
  readonly maxUsd: string | null;
  /** So far, before this run of it. */
  readonly spentUsd: string;
  readonly over: readonly number[];
}

/**
 * A limit on spend lets as many run as it has room for if each cost as much as the dearest one so far, and the first one alone: so what
 * goes over it is what single requests cost more than all before them.
 */
export function createInFlight({ most, maxUsd, spentUsd, over }: InFlightOptions): InFlight {
  const lines = new Set<number>();
  const done = new Set(over);
  const max = maxUsd === null ? undefined : picoOf(maxUsd);
  let spent = picoOf(spentUsd);
  let dearest = 0n;
  let waiting: (() => void)[] = [];
  const wake = (): void => {
    for (const resolve of waiting) resolve();
    waiting = [];
  };
  return {
    get size() {
      return lines.size;
    },
    lines: () => lines.keys(),
    isOver: (line) => done.has(line),
    add(line) {
      if (!done.has(line)) lines.add(line);
    },
    over(line, costUsd) {
      if (done.has(line)) return;
      done.add(line);
      lines.delete(line);
      const cost = picoOf(costUsd);
      spent += cost;
      if (cost > dearest) dearest = cost;
      wake();
    },
    room() {
      if (lines.size >= most) return 'full';
      if (max === undefined) return 'free';
      if (spent >= max) return 'spent';
      if (dearest === 0n) return lines.size === 0 ? 'free' : 'full';
      const fits = (max - spent) / dearest;
      if (BigInt(lines.size) < fits) return 'free';
      return lines.size === 0 ? 'spent' : 'full';
    },
    change: (timeoutMs) =>
      new Promise((resolve) => {
        const timer = setTimeout(resolve, timeoutMs);
        waiting.push(() => {
          clearTimeout(timer);
          resolve();
        });
      }),
    wake,
  };
}
