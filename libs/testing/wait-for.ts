import { setTimeout as delay } from 'node:timers/promises';

export interface WaitOptions {
  /** What is waited for, for the message of the failure: "the worker to be restarted". */
  readonly what: string;
  /** 10 s unless given. */
  readonly timeoutMs?: number;
  /** Between two tries; 20 ms unless given. */
  readonly intervalMs?: number;
}

type Truthy<T> = Exclude<T, false | 0 | '' | null | undefined>;

/** Tries the condition until it gives something truthy, and resolves with that. Rejects after the time, with the last error as cause. */
export async function waitFor<T>(condition: () => T | Promise<T>, options: WaitOptions): Promise<Truthy<T>> {
  const { what, timeoutMs = 10_000, intervalMs = 20 } = options;
  const deadline = performance.now() + timeoutMs;
  let cause: unknown;
  do {
    try {
      const value = await condition();
      if (value) return value as Truthy<T>;
      cause = undefined;
    } catch (error) {
      cause = error;
    }
    await delay(intervalMs);
  } while (performance.now() < deadline);
  throw new Error(`waited ${timeoutMs} ms for ${what}`, { cause });
}
