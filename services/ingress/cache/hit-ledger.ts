import { type Bus, publishDurably } from '#bus';
import { type AttemptEvent, encodeHits, HITS_SUBJECT } from '#contracts';
import type { IngressLog } from '../resources.ts';

/** Rows of requests that were answered from the cache, on their way to the ledger: they cost nothing, so several travel together. */
export interface HitLedger {
  add(row: AttemptEvent): void;
  /** Resolves when all rows so far are stored, or lost. */
  settled(): Promise<void>;
}

const MOST_ROWS = 200;
const LINGER_MS = 100;
/** Rows that are held while the stream is away; beyond it the oldest are lost. No money is. */
const MOST_HELD = 20_000;
const GIVE_UP_AFTER_MS = 10_000;

export function createHitLedger({
  bus,
  log,
  newId,
}: {
  readonly bus: Bus;
  readonly log: IngressLog;
  readonly newId: () => string;
}): HitLedger {
  let rows: AttemptEvent[] = [];
  let held = 0;
  let timer: NodeJS.Timeout | undefined;
  const underWay = new Set<Promise<void>>();

  const publish = async (batch: readonly AttemptEvent[]): Promise<void> => {
    try {
      await publishDurably(
        bus,
        { subject: HITS_SUBJECT, data: encodeHits(batch), messageId: newId() },
        { giveUpAfterMs: GIVE_UP_AFTER_MS },
      );
    } catch (error) {
      log.warn({ err: error, rows: batch.length }, 'cache hits could not be put on record');
    }
    held -= batch.length;
  };
  const flush = (): void => {
    clearTimeout(timer);
    timer = undefined;
    if (rows.length === 0) return;
    const batch = rows;
    rows = [];
    held += batch.length;
    const publishing: Promise<void> = publish(batch).finally(() => underWay.delete(publishing));
    underWay.add(publishing);
  };

  return {
    add(row) {
      if (held >= MOST_HELD) return;
      rows.push(row);
      if (rows.length >= MOST_ROWS) flush();
      else timer ??= setTimeout(flush, LINGER_MS);
    },
    async settled() {
      flush();
      await Promise.all(underWay);
    },
  };
}
