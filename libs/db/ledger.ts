import { type AttemptEvent, InvalidMessage } from '#contracts';
import { APPLY_SQL } from './apply-statement.ts';
import { arrayLiteral } from './array-literal.ts';
import { LEDGER_COLUMNS } from './ledger-columns.ts';
import type { Database } from './pool.ts';

export interface AppliedCounts {
  readonly inserted: number;
  /** Rows that were booked as `lost` and now hold what the worker said itself. */
  readonly superseded: number;
  /** Events whose row was there already, as good or better. */
  readonly duplicates: number;
}

/**
 * Writes events to the ledger and their sums by day and by session, each attempt once, all of them or none, in one statement and
 * one commit. Applying the same events again changes nothing; a `lost` row (an estimate) gives way to the attempt's own event, in
 * whichever order the two come, and so do the sums. Rejects with Postgres's error; `isRefusedData` tells rows at fault from a database that can't be reached.
 */
export async function applyAttempts(db: Database, events: readonly AttemptEvent[]): Promise<AppliedCounts> {
  if (events.length === 0) return { inserted: 0, superseded: 0, duplicates: 0 };
  const result = await db.pool.query<{ inserted: number; superseded: number }>(APPLY_SQL, encodeColumns(events));
  const { inserted, superseded } = result.rows[0] ?? { inserted: 0, superseded: 0 };
  return { inserted, superseded, duplicates: events.length - inserted - superseded };
}

/** Throws `InvalidMessage`: what the decoder lets pass may still not be what its type says. */
function encodeColumns(events: readonly AttemptEvent[]): (string | null)[] {
  try {
    return Object.values(LEDGER_COLUMNS).map(([, of]) => arrayLiteral(events.map(of)));
  } catch (error) {
    throw new InvalidMessage('an attempt event is not of its declared shape', { cause: error });
  }
}
