import { driverError } from '#db';
import type { AdminLog } from '../resources.ts';

/**
 * Brings rows from Postgres to a bucket that admission reads. A change is committed first, with its revision; publishing it is tried at
 * once, and a change that did not get through stays in the outbox until a repair pass of some replica has brought it there: after a
 * crash between the two, an outage of NATS, or the loss of the whole bucket.
 */
export interface OutboxPublisher<Name> {
  /** True when the bucket has the row's present state. Never rejects. */
  publish(name: Name): Promise<boolean>;
  /** One pass over the outbox. Resolves with how many rows are still in it for want of NATS or Postgres. */
  repair(): Promise<number>;
  /** Repairs now and from then on until `stop`. */
  start(): void;
  stop(): Promise<void>;
}

export interface Outbox<Name> {
  /** For the log: `keys`. */
  readonly what: string;
  /** Sends one row as it is now, and notes that it was sent. */
  publish(name: Name): Promise<void>;
  /** The next rows that were not sent, in their order, from after one. */
  unpublished(options: { readonly limit: number; readonly after: Name | undefined }): Promise<readonly Name[]>;
  /** Puts every row back into the outbox. */
  unpublishAll(): Promise<unknown>;
  /** Entries in the bucket: 0 is one that was lost. */
  countSent(): Promise<number>;
  /** The row as the log may name it. */
  logName(name: Name): string;
  readonly log: AdminLog;
}

const RETRY_PAUSES_MS = [100, 400];
const REPAIR_EVERY_MS = 30_000;
const REPAIR_AGAIN_AFTER_MS = 2_000;
const REPAIR_CHUNK = 200;
const PARALLEL = 8;

export function createOutboxPublisher<Name>(outbox: Outbox<Name>): OutboxPublisher<Name> {
  const { what, log } = outbox;
  let timer: NodeJS.Timeout | undefined;
  let pass = Promise.resolve(0);
  let stopped = false;

  const repairAndPlanNext = async (): Promise<number> => {
    const left = await repairOnce(outbox).catch((error: unknown) => {
      log.warn({ err: driverError(error) }, `${what} could not be compared with their bucket: tried again`);
      return 1;
    });
    if (!stopped) timer = setTimeout(begin, left > 0 ? REPAIR_AGAIN_AFTER_MS : REPAIR_EVERY_MS);
    return left;
  };

  const begin = (): void => {
    pass = repairAndPlanNext();
  };

  return {
    publish: (name) => publishWithRetries(name, outbox),
    repair: () => repairOnce(outbox),
    start: begin,
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await pass;
    },
  };
}

async function repairOnce<Name>(outbox: Outbox<Name>): Promise<number> {
  if ((await outbox.countSent()) === 0) await outbox.unpublishAll();
  let failed = 0;
  for (let after: Name | undefined; ;) {
    const names = await outbox.unpublished({ limit: REPAIR_CHUNK, after });
    const outcomes = await inParallel(names, PARALLEL, (name) => outbox.publish(name));
    const failures = outcomes.filter((error) => error !== undefined);
    failed += failures.length;
    if (failures.length > 0) {
      const fields = { failed: failures.length, err: driverError(failures[0]) };
      outbox.log.warn(fields, `${outbox.what} could not be published: they are tried again`);
    }
    const last = names.at(-1);
    if (last === undefined || failures.length === names.length) return failed;
    after = last;
  }
}

async function publishWithRetries<Name>(name: Name, { what, publish, logName, log }: Outbox<Name>): Promise<boolean> {
  for (let tries = 0; ; tries += 1) {
    try {
      await publish(name);
      return true;
    } catch (error) {
      const pauseMs = RETRY_PAUSES_MS[tries];
      if (pauseMs === undefined) {
        log.warn({ name: logName(name), err: driverError(error) }, `one of the ${what} could not be published: it is tried again`);
        return false;
      }
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  }
}

/** Runs `work` on every item, `width` at a time; resolves with the error of each, `undefined` for those that went well. */
export async function inParallel<T>(items: readonly T[], width: number, work: (item: T) => Promise<void>): Promise<unknown[]> {
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
