import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { drizzle, runMigrations } from './drizzle.ts';
import { makeMissingSums } from './make-missing-sums.ts';

export interface MigrationReport {
  /** Names of the migrations this call applied, oldest first; empty when another process was faster or none was due. */
  readonly applied: readonly string[];
  /** Migrations the database has now. */
  readonly total: number;
}

const MIGRATIONS_FOLDER = fileURLToPath(new URL('../../drizzle', import.meta.url));

/** Any fixed number: processes that start together take turns on it, and the later ones find nothing left to do. */
const MIGRATION_LOCK = 4_831_020_317;
const CONNECT_TIMEOUT_MS = 5_000;

/**
 * Brings the database up to this version's schema, all pending migrations in one transaction. Safe to run from any number
 * of processes at once. Rejects when the database can't be reached or a migration fails; then nothing was changed.
 */
export async function migrate(databaseUrl: string): Promise<MigrationReport> {
  const client = new pg.Client({
    connectionString: databaseUrl,
    application_name: 'headrace-migrate',
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
  });
  // without a listener the end of the connection would end the process; the query under way rejects anyway
  client.on('error', () => undefined);
  await client.connect();
  try {
    await client.query('select pg_advisory_lock($1)', [MIGRATION_LOCK]);
    const before = await lastApplied(client);
    await runMigrations(drizzle(client), { migrationsFolder: MIGRATIONS_FOLDER });
    await makeMissingSums(client);
    const known = await readJournal();
    return { applied: known.filter((entry) => entry.when > before).map((entry) => entry.tag), total: known.length };
  } finally {
    // ends the session and with it the lock
    await client.end();
  }
}

/** Time of the newest migration the database has, as its journal entry says; 0 for a new database. */
async function lastApplied(client: pg.Client): Promise<number> {
  const table = await client.query<{ name: string | null }>(`select to_regclass('drizzle.__drizzle_migrations')::text as name`);
  if (table.rows[0]?.name == null) return 0;
  const newest = await client.query<{ when: string | null }>('select max(created_at) as when from drizzle.__drizzle_migrations');
  return Number(newest.rows[0]?.when ?? 0);
}

interface JournalEntry {
  readonly tag: string;
  readonly when: number;
}

async function readJournal(): Promise<readonly JournalEntry[]> {
  const journal = JSON.parse(await readFile(`${MIGRATIONS_FOLDER}/meta/_journal.json`, 'utf8')) as { entries: JournalEntry[] };
  return journal.entries;
}
