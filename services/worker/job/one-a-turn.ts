/**
 * Lets work that can wait through one piece at a time, after a pause, and between two pieces whatever else the process has to do. Clients
 * leave in bursts, and counting the tokens of what the first of them were sent must not keep the others' calls open: a hundred at once
 * took 185 ms where counting loaded its encoder in the middle of them.
 */
export type OneATurn = () => Promise<void>;

export function createOneATurn({ pauseMs }: { readonly pauseMs: number }): OneATurn {
  const waiting: (() => void)[] = [];
  const letOneThrough = (): void => {
    waiting.shift()?.();
    if (waiting.length > 0) setImmediate(letOneThrough);
  };
  return () =>
    new Promise((resolve) => {
      waiting.push(resolve);
      if (waiting.length === 1) setTimeout(letOneThrough, pauseMs);
    });
}
