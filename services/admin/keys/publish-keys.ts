import { type Database, driverError, publishVirtualKey, unpublishAllKeys, unpublishedKeys } from '#db';
import type { AdminLog, KeysSink } from '../resources.ts';
import { toKeyRecord } from './key-view.ts';

/**
 * Brings keys from Postgres to the bucket that admission reads. A change is committed first, with its revision; publishing
 * it is tried at once, and a change that did not get through stays in the outbox until a repair pass of some replica has
 * brought it there: after a crash between the two, an outage of NATS, or the loss of the whole bucket.
 */
export interface KeyPublisher {
  /** True when the bucket has the key's present state. Never rejects. */
  publish(hash: string): Promise<boolean>;
  /** One pass over the outbox. Resolves with how many keys are still in it for want of NATS or Postgres. */
  repair(): Promise<number>;
  /** Repairs now and from then on until `stop`. */
  start(): void;
  stop(): Promise<void>;
}

export interface KeyPublisherOptions {
  readonly db: Database;
  readonly sink: KeysSink;
  readonly log: AdminLog;
}

const RETRY_PAUSES_MS = [100, 400];
const REPAIR_EVERY_MS = 30_000;
const REPAIR_AGAIN_AFTER_MS = 2_000;
const REPAIR_CHUNK = 200;
const PARALLEL = 8;

export function createKeyPublisher({ db, sink, log }: KeyPublisherOptions): KeyPublisher {
  let timer: NodeJS.Timeout | undefined;
  let pass = Promise.resolve(0);
  let stopped = false;

  const publishOnce = (hash: string): Promise<void> =>
    publishVirtualKey(db, hash, (key) => (key === undefined ? sink.delete(hash) : sink.put(toKeyRecord(key))));

  const repair = async (): Promise<number> => {
    if ((await sink.count()) === 0) await unpublishAllKeys(db);
    let failed = 0;
    for (let after = ''; ;) {
      const hashes = await unpublishedKeys(db, { limit: REPAIR_CHUNK, after });
      const outcomes = await inParallel(hashes, PARALLEL, publishOnce);
      const failures = outcomes.filter((error) => error !== undefined);
      failed += failures.length;
      if (failures.length > 0)
        log.warn({ failed: failures.length, err: driverError(failures[0]) }, 'keys could not be published: they are tried again');
      const last = hashes.at(-1);
      if (last === undefined || failures.length === hashes.length) return failed;
      after = last;
    }
  };

  const repairAndPlanNext = async (): Promise<number> => {
    const left = await repair().catch((error: unknown) => {
      log.warn({ err: driverError(error) }, 'keys could not be compared with their bucket: tried again');
      return 1;
    });
    if (!stopped) timer = setTimeout(begin, left > 0 ? REPAIR_AGAIN_AFTER_MS : REPAIR_EVERY_MS);
    return left;
  };

  const begin = (): void => {
    pass = repairAndPlanNext();
  };

  return {
    publish: (hash) => publishWithRetries(hash, publishOnce, log),
    repair,
    start: begin,
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await pass;
    },
  };
}

async function publishWithRetries(hash: string, publishOnce: (hash: string) => Promise<void>, log: AdminLog): Promise<boolean> {
  for (let tries = 0; ; tries += 1) {
    try {
      await publishOnce(hash);
      return true;
    } catch (error) {
      const pauseMs = RETRY_PAUSES_MS[tries];
      if (pauseMs === undefined) {
        log.warn({ keyId: hash.slice(0, 12), err: driverError(error) }, 'key could not be published: it is tried again');
        return false;
      }
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  }
}

/** Runs `work` on every item, `width` at a time; resolves with the error of each, `undefined` for those that went well. */
async function inParallel<T>(items: readonly T[], width: number, work: (item: T) => Promise<void>): Promise<unknown[]> {
  const errors: unknown[] = Array.from({ length: items.length });
  const queue = items.entries();
  const runner = async (): Promise<void> => {
    for (const [index, item] of queue) {
      await work(item).catch((error: unknown) => {
        errors[index] = error;
      });
    }
  };
  await Promise.all(Array.from({ length: width }, runner));
  return errors;
}
