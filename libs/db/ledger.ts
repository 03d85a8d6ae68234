import { type AttemptEvent, InvalidMessage } from '#contracts';
import { APPLY_SQL } from './apply-statement.ts';
import { type LedgerRow, toLedgerRow } from './ledger-row.ts';
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
  const result = await db.pool.query<{ inserted: number; superseded: number }>(APPLY_SQL, [encodeRows(events)]);
  const { inserted, superseded } = result.rows[0] ?? { inserted: 0, superseded: 0 };
  return { inserted, superseded, duplicates: events.length - inserted - superseded };
}

/**
 * JSON text can hold what Postgres's can't: NUL and halves of surrogate pairs, which a provider's error text cut in the
 * middle of a character does bring along. They become U+FFFD; only a batch that has one is walked.
 */
function encodeRows(events: readonly AttemptEvent[]): string {
  const rows = events.map(encodeRow);
  const text = JSON.stringify(rows);
  if (!text.includes('\\u0000') && !text.includes('\\ud')) return text;
  return JSON.stringify(rows, (_key, value: unknown) =>
    typeof value === 'string' ? value.replaceAll('\0', '\uFFFD').toWellFormed() : value,
  );
}

/** What the decoder lets pass may still not be what its type says. */
function encodeRow(event: AttemptEvent): LedgerRow {
  try {
    return toLedgerRow(event);
  } catch (error) {
    throw new InvalidMessage('an attempt event is not of its declared shape', { cause: error });
  }
}
