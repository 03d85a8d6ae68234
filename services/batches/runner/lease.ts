import { keepBatch, type Runner, type StoredBatch } from '#db';
import type { BatchesResources } from '../resources.ts';

/** That this process alone works on a batch, and what others want of it. */
export interface Lease {
  /** Another process may have it, or it is gone. */
  readonly lost: boolean;
  readonly cancelling: boolean;
  onChange(listener: () => void): void;
  /** As it is now; undefined when it is lost. */
  renew(): Promise<StoredBatch | undefined>;
  end(): void;
}

const RENEW_MS = 1_000;

/** Renewed every second; while the database is away it lasts as long as it was given for. */
export function holdLease(batch: StoredBatch, runner: Runner, { db, log }: Pick<BatchesResources, 'db' | 'log'>): Lease {
  let current: StoredBatch | undefined = batch;
  let heldUntil = performance.now() + runner.leaseMs;
  const listeners: (() => void)[] = [];
  const renew = async (): Promise<StoredBatch | undefined> => {
    const askedAt = performance.now();
    current = await keepBatch(db, runner, batch.id);
    if (current !== undefined) heldUntil = askedAt + runner.leaseMs;
    for (const listener of listeners) listener();
    return current;
  };
  const timer = setInterval(() => {
    renew().catch((err: unknown) => log.warn({ err, batch: batch.id }, 'a batch could not be kept'));
  }, RENEW_MS);
  return {
    get lost() {
      return current === undefined || performance.now() > heldUntil;
    },
    get cancelling() {
      return current?.state === 'cancelling';
    },
    onChange: (listener) => void listeners.push(listener),
    renew,
    end() {
      clearInterval(timer);
      current = undefined;
      for (const listener of listeners) listener();
    },
  };
}
