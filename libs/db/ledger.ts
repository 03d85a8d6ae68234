import { type AttemptEvent, InvalidMessage } from '#contracts';
import { LEDGER_COLUMNS, type LedgerRow, toLedgerRow } from './ledger-row.ts';
import type { Database } from './pool.ts';

export interface AppliedCounts {
  readonly inserted: number;
  /** Rows that were booked as `lost` and now hold what the worker said itself. */
  readonly superseded: number;
  /** Events whose row was there already, as good or better. */
  readonly duplicates: number;
}

/**
 * Writes events to the ledger, each attempt once, all of them or none, in one statement and one commit. Applying the same
 * events again changes nothing; a `lost` row (an estimate) gives way to the attempt's own event, in whichever order the two
 * come. Rejects with Postgres's error; `isRefusedData` tells rows at fault from a database that can't be reached.
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

const NAMES = Object.keys(LEDGER_COLUMNS);
const KEY = 'accepted_at, job_id, attempt, delivery';

/**
 * One parameter for any number of rows, so that the statement is the same every time and knows no limit of 65,535.
 * Measured on two shared cores with Postgres 18 beside it, fsync on: 21,700 rows/s in batches of 500 and 23,100 in batches of
 * 1,000, 7 to 9 µs of this process's CPU a row; `jsonb` instead of `json` 20,200 and 20,700; row by row 950.
 */
const APPLY_SQL = buildApplySql();

function buildApplySql(): string {
  const fields = Object.entries(LEDGER_COLUMNS);
  const declared = fields.map(([name, type]) => `${name} ${type === 'ms' ? 'double precision' : type}`);
  const selected = fields.map(([name, type]) => (type === 'ms' ? `to_timestamp(${name} / 1000.0)` : name));
  const replaced = NAMES.filter((name) => !KEY.split(', ').includes(name)).map((name) => `${name} = excluded.${name}`);
  // sorted by key: two replicas that apply the same redelivered events take their locks in the same order.
  // `distinct on` leaves one event per attempt, a `lost` one last: a statement may not touch a row twice
  return `
    with applied as (
      insert into attempts as held (${NAMES.join(', ')})
      select distinct on (${KEY}) ${selected.join(', ')}
      from json_to_recordset($1::json) as event (${declared.join(', ')})
      order by ${KEY}, (status = 'lost')
      on conflict (${KEY}) do update
        set superseded_estimate = true, recorded_at = now(), ${replaced.join(', ')}
        where held.status = 'lost' and excluded.status <> 'lost'
      returning superseded_estimate
    )
    select count(*) filter (where not superseded_estimate)::int as inserted,
           count(*) filter (where superseded_estimate)::int as superseded
    from applied`;
}
