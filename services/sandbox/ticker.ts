/**
 * One timer for all paced streams: a stream of 20 tokens/s needs no timer of its own, only to be asked often enough whether
 * more of it is due. Runs while there is a task.
 */
export interface Ticker {
  /** Called about every 5 ms until it returns false. */
  add(task: Tick): void;
  stop(): void;
}

export type Tick = (nowMs: number) => boolean;

const INTERVAL_MS = 5;

export function createTicker(now: () => number): Ticker {
  const tasks = new Set<Tick>();
  let timer: NodeJS.Timeout | undefined;

  function stop(): void {
    clearInterval(timer);
    timer = undefined;
  }

  function tick(): void {
    const nowMs = now();
    for (const task of tasks) if (!task(nowMs)) tasks.delete(task);
    if (tasks.size === 0) stop();
  }

  return {
    add: (task) => {
      tasks.add(task);
      timer ??= setInterval(tick, INTERVAL_MS);
    },
    stop: () => {
      tasks.clear();
      stop();
    },
  };
}
