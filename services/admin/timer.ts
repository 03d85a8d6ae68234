import { setTimeout } from 'node:timers/promises';
import { driverError } from '#db';
import type { AdminLog } from './resources.ts';

export interface TimerOptions {
  readonly everyMs: number;
  readonly run: () => Promise<unknown>;
  readonly log: Pick<AdminLog, 'warn'>;
  readonly releases: { add(name: string, release: () => unknown): void };
}

/** Runs something at once and then again and again, one run after the other. A run that fails is logged; its release waits for the one under way. */
export function startTimer(name: string, { everyMs, run, log, releases }: TimerOptions): void {
  const stopping = new AbortController();
  const loop = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      await run().catch((error: unknown) => log.warn({ err: driverError(error), timer: name }, 'a timed task failed: tried again'));
      await setTimeout(everyMs, undefined, { signal: stopping.signal, ref: false }).catch(() => undefined);
    }
  };
  const finished = loop();
  releases.add(name, async () => {
    stopping.abort();
    await finished;
  });
}
