import { DEFAULT_PROMPTS, type LedgerSettings, type PromptSettings } from '#config';
import { type Database, dropAlerts, dropPartitions, dropPrompts, makePartitions } from '#db';
import type { AdminLog } from '../resources.ts';

export interface LedgerKeeping {
  readonly db: Database;
  readonly settings: () => LedgerSettings | undefined;
  /** Undefined: none are kept any more. What is there goes when it has the age that it would go at by default. */
  readonly prompts: () => PromptSettings | undefined;
  readonly log: AdminLog;
  readonly now: () => Date;
}

const MONTHS_AHEAD = 2;
/** What was told is of no use for longer. */
const KEEP_ALERTS_MS = 90 * 86_400_000;

/** Makes the partitions of the months to come and drops those beyond the retention. Any number of processes may do it at the same time. */
export async function keepLedger({ db, settings, prompts, log, now }: LedgerKeeping): Promise<void> {
  const made = await makePartitions(db, { now: now(), ahead: MONTHS_AHEAD });
  if (made.length > 0) log.info({ partitions: made }, 'partitions of the ledger were made');
  await dropAlerts(db, { before: new Date(now().getTime() - KEEP_ALERTS_MS) });
  const promptRetentionMs = (prompts() ?? DEFAULT_PROMPTS).retentionMs;
  await dropPrompts(db, { before: new Date(now().getTime() - promptRetentionMs) });
  const retentionMs = settings()?.retentionMs;
  if (retentionMs === undefined) return;
  const dropped = await dropPartitions(db, { before: new Date(now().getTime() - retentionMs) });
  if (dropped.length > 0) log.info({ partitions: dropped }, 'partitions of the ledger beyond its retention were dropped');
}
