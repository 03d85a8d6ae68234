import type { LedgerSettings } from '#config';
import { type Database, dropAlerts, dropPartitions, makePartitions } from '#db';
import type { AdminLog } from '../resources.ts';

export interface LedgerKeeping {
  readonly db: Database;
  readonly settings: () => LedgerSettings | undefined;
  readonly log: AdminLog;
  readonly now: () => Date;
}

const MONTHS_AHEAD = 2;
/** What was told is of no use for longer. */
const KEEP_ALERTS_MS = 90 * 86_400_000;

/** Makes the partitions of the months to come and drops those beyond the retention. Any number of processes may do it at the same time. */
export async function keepLedger({ db, settings, log, now }: LedgerKeeping): Promise<void> {
  const made = await makePartitions(db, { now: now(), ahead: MONTHS_AHEAD });
  if (made.length > 0) log.info({ partitions: made }, 'partitions of the ledger were made');
  await dropAlerts(db, { before: new Date(now().getTime() - KEEP_ALERTS_MS) });
  const retentionMs = settings()?.retentionMs;
  if (retentionMs === undefined) return;
  const dropped = await dropPartitions(db, { before: new Date(now().getTime() - retentionMs) });
  if (dropped.length > 0) log.info({ partitions: dropped }, 'partitions of the ledger beyond its retention were dropped');
}
