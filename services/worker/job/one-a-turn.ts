/**
 * Lets work that can wait through one piece at a time, once nothing of its kind has come for a moment, and between two pieces whatever else the
 * process has to do. Clients leave in bursts, and counting the tokens of what the first of them were sent must not keep the others' calls open:
 * a hundred at once took 185 ms where counting loaded its encoder in the middle of them.
 */
export type OneATurn = () => Promise<void>;

export interface OneATurnOptions {
  /** So long after the last that came, a burst is taken to be over. Every single one waits for this. */
  readonly quietMs: number;
  /** Nobody waits longer for a burst to be over. */
  readonly mostMs: number;
}

export function createOneATurn({ quietMs, mostMs }: OneATurnOptions): OneATurn {
  const waiting: (() => void)[] = [];
  let begunAt = 0;
  let lastAt = 0;
  const letOneThrough = (): void => {
    waiting.shift()?.();
    if (waiting.length > 0) setImmediate(letOneThrough);
  };
  const awaitQuiet = (): void => {
    const now = performance.now();
    const leftMs = Math.min(lastAt + quietMs, begunAt + mostMs) - now;
    if (leftMs <= 0) letOneThrough();
    else setTimeout(awaitQuiet, leftMs);
  };
  return () =>
    new Promise((resolve) => {
      lastAt = performance.now();
      waiting.push(resolve);
      if (waiting.length > 1) return;
      begunAt = lastAt;
      awaitQuiet();
    });
}
