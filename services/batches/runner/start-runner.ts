import { driverError, leaveBatches, type StoredBatch, takeBatches } from '#db';
import type { BatchesResources } from '../resources.ts';
import { holdLease, type Lease } from './lease.ts';
import { runBatch } from './run-batch.ts';

export interface BatchRunner {
  /** Looks for work at once. */
  wake(): void;
  /** Leaves its batches to the other replicas; resolves when nothing of them goes on here. */
  stop(): Promise<void>;
}

/** A batch is a reader of its input, a consumer and a timer; what it costs are its answers, and those go through the database one group at a time. */
const MOST_BATCHES = 64;
const LOOK_EVERY_MS = 1_000;
const LEASE_MS = 10_000;

/** Works on batches that nobody else works on, many at a time. One that fails is taken up again, here or elsewhere, when its lease is over. */
export function startRunner(resources: BatchesResources): BatchRunner {
  const { db, log, instance } = resources;
  const runner = { name: instance, leaseMs: LEASE_MS };
  const running = new Map<string, { readonly lease: Lease; readonly finished: Promise<void> }>();
  let stopped = false;
  let looking: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;

  const run = async (batch: StoredBatch, lease: Lease): Promise<void> => {
    try {
      await runBatch(batch, lease, resources);
    } catch (error) {
      if (!lease.lost) log.warn({ err: driverError(error), batch: batch.id }, 'a batch came to a halt: it is taken up again');
    } finally {
      lease.end();
      running.delete(batch.id);
    }
  };
  const look = async (): Promise<void> => {
    const room = MOST_BATCHES - running.size;
    const taken = room > 0 ? await takeBatches(db, runner, room) : [];
    for (const batch of taken) {
      const lease = holdLease(batch, runner, resources);
      running.set(batch.id, { lease, finished: run(batch, lease) });
    }
  };
  const tick = (): void => {
    if (stopped || looking !== undefined) return;
    clearTimeout(timer);
    looking = look()
      .catch((error: unknown) => log.warn({ err: driverError(error) }, 'batches could not be looked for'))
      .finally(() => {
        looking = undefined;
        if (!stopped) timer = setTimeout(tick, LOOK_EVERY_MS);
      });
  };
  tick();

  return {
    wake: tick,
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await looking;
      const left = [...running.values()];
      for (const { lease } of left) lease.end();
      await Promise.all(left.map(({ finished }) => finished));
      if (left.length > 0) await leaveBatches(db, instance);
    },
  };
}
