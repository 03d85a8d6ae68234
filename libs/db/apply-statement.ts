import { LEDGER_COLUMNS } from './ledger-columns.ts';
import { ADD_TO_SUMS, changedRows, ESTIMATE_OF_HELD, SUMMED_COLUMNS } from './sums-statement.ts';

const NAMES = Object.keys(LEDGER_COLUMNS);
const KEY = 'accepted_at, job_id, attempt, delivery';

/** What an array can't hold as it is: an array of arrays must be rectangular. */
const WIRE_TYPES: Readonly<Record<string, string>> = { ms: 'double precision', 'text[]': 'text', jsonb: 'text' };

/**
 * One parameter for each column (`LEDGER_COLUMNS`), an array of its values, so that the statement is the same for any number of rows. 1,000 events
 * of one key take 30 ms, 8 of them here, on two shared cores with Postgres 18 beside it, fsync off; as JSON, whose fields Postgres hashes by
 * name in every row, they took 40.
 */
export const APPLY_SQL = buildApplySql();

function buildApplySql(): string {
  const fields = Object.entries(LEDGER_COLUMNS);
  const columns = fields.map(([, [type]], at) => `$${at + 1}::${WIRE_TYPES[type] ?? type}[]`);
  const selected = fields.map(([name, [type]]) => selectAs(name, type));
  const replaced = NAMES.filter((name) => !KEY.split(', ').includes(name)).map((name) => `${name} = excluded.${name}`);
  // sorted by key: two replicas that apply the same redelivered events take their locks in the same order.
  // `distinct on` leaves one event per attempt, a `lost` one last: a statement may not touch a row twice
  return `
    with applied as (
      insert into attempts as held (${NAMES.join(', ')})
      select distinct on (${KEY}) ${selected.join(', ')}
      from unnest(${columns.join(', ')}) as event (${NAMES.join(', ')})
      order by ${KEY}, (status = 'lost')
      on conflict (${KEY}) do update
        set superseded_estimate = true, estimate = ${ESTIMATE_OF_HELD}, recorded_at = now(), ${replaced.join(', ')}
        where held.status = 'lost' and excluded.status <> 'lost'
      returning ${SUMMED_COLUMNS}
    ),
    changed as (${changedRows('applied', { takeBack: true })}),
    ${ADD_TO_SUMS}
    select count(*) filter (where not superseded_estimate)::int as inserted,
           count(*) filter (where superseded_estimate)::int as superseded
    from applied`;
}

function selectAs(name: string, type: string): string {
  if (type === 'ms') return `to_timestamp(${name} / 1000.0)`;
  return type in WIRE_TYPES ? `${name}::${type}` : name;
}
