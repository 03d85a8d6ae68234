import type { PoolClient } from 'pg';
import type { Database } from './pool.ts';

/** A part of the ledger: the rows accepted from (included) until (not included); undefined: without end on that side. */
export interface Partition {
  readonly name: string;
  readonly from: Date | undefined;
  readonly until: Date | undefined;
}

/** Any fixed number: replicas that keep the partitions at the same time take turns on it. */
const PARTITIONS_LOCK = 4_831_020_318;
const LOCK_TIMEOUT = '5s';

/** The ledger's partitions, the earliest first, without the one for rows that fit in no other. */
export async function listPartitions(db: Database): Promise<Partition[]> {
  return withLock(db, readPartitions);
}

/**
 * Makes the partitions of the month of `now` and of the `ahead` months after it where they are missing, and moves into each what has
 * waited for it in `attempts_default`. Resolves with their names. Rejects when the ledger's locks could not be had within 5 s:
 * nothing is lost by trying again later, since a month without partition is written to `attempts_default`.
 */
export function makePartitions(db: Database, options: { readonly now: Date; readonly ahead: number }): Promise<string[]> {
  return withLock(db, async (client) => {
    const there = await readPartitions(client);
    const months = Array.from({ length: options.ahead + 1 }, (_, month) => monthOf(options.now, month));
    const missing = months.filter((month) => !there.some((partition) => overlaps(partition, month)));
    // who writes waits, who reads does not: a row on its way to `attempts_default` would be refused there once its month has its own place
    if (missing.length > 0) await client.query('lock table only attempts in exclusive mode');
    const made: string[] = [];
    for (const month of missing) made.push(await makePartition(client, month));
    return made;
  });
}

/** Drops partitions with nothing in them from `before` on, and such rows that are in none. Resolves with the names of what was dropped. */
export function dropPartitions(db: Database, options: { readonly before: Date }): Promise<string[]> {
  return withLock(db, async (client) => {
    const old = (await readPartitions(client)).filter(({ until }) => until !== undefined && until <= options.before);
    for (const { name } of old) await client.query(`drop table ${quoted(name)}`);
    await client.query('delete from attempts_default where accepted_at < $1', [options.before]);
    return old.map(({ name }) => name);
  });
}

async function makePartition(client: PoolClient, { from, until }: Month): Promise<string> {
  const name = `attempts_${from.toISOString().slice(0, 7).replace('-', '_')}`;
  await client.query(`create table ${quoted(name)} (like attempts including defaults including constraints)`);
  await client.query(
    `with moved as (delete from attempts_default where accepted_at >= $1 and accepted_at < $2 returning *)
     insert into ${quoted(name)} select * from moved`,
    [from, until],
  );
  // a statement that defines takes no parameters; these are times that we have written ourselves
  const bounds = `from ('${from.toISOString()}') to ('${until.toISOString()}')`;
  await client.query(`alter table attempts attach partition ${quoted(name)} for values ${bounds}`);
  return name;
}

async function readPartitions(client: PoolClient): Promise<Partition[]> {
  const { rows } = await client.query<{ name: string; bounds: string }>(`
    select relname as name, pg_get_expr(relpartbound, oid) as bounds
    from pg_class where oid in (select inhrelid from pg_inherits where inhparent = 'attempts'::regclass)`);
  return rows.flatMap((row) => toPartition(row)).toSorted((one, other) => (one.until?.getTime() ?? 0) - (other.until?.getTime() ?? 0));
}

/** `FOR VALUES FROM ('2026-11-01 00:00:00+00') TO ('2026-12-01 00:00:00+00')`, or `MINVALUE` for no beginning. */
function toPartition({ name, bounds }: { readonly name: string; readonly bounds: string }): Partition[] {
  const match = /FROM \((?:MINVALUE|'([^']+)')\) TO \((?:MAXVALUE|'([^']+)')\)/.exec(bounds);
  return match === null ? [] : [{ name, from: toDate(match[1]), until: toDate(match[2]) }];
}

function toDate(text: string | undefined): Date | undefined {
  return text === undefined ? undefined : new Date(text.replace(' ', 'T').replace(/\+00$/, 'Z'));
}

function overlaps(partition: Partition, { from, until }: Month): boolean {
  return (partition.from === undefined || partition.from < until) && (partition.until === undefined || partition.until > from);
}

/** From (included) until (not included). */
interface Month {
  readonly from: Date;
  readonly until: Date;
}

function monthOf(date: Date, offset: number): Month {
  const startOf = (month: number): Date => new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + month, 1));
  return { from: startOf(offset), until: startOf(offset + 1) };
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** One transaction in UTC (bounds are written in the zone of the connection) that waits for nobody for long. */
async function withLock<T>(db: Database, work: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await db.pool.connect();
  try {
    await client.query('begin');
    await client.query(`set local time zone 'UTC'; set local lock_timeout = '${LOCK_TIMEOUT}'`);
    await client.query('select pg_advisory_xact_lock($1)', [PARTITIONS_LOCK]);
    const result = await work(client);
    await client.query('commit');
    return result;
  } catch (error) {
    await client.query('rollback').catch(() => undefined);
    throw error;
  } finally {
    client.release();
  }
}
