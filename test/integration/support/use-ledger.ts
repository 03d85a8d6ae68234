import { afterAll, beforeAll, beforeEach } from 'vitest';
import { createPool, type Database } from '#db';
import { createTestDatabase, type TestDatabase } from '#testing';

/** A database for all tests of a file, which each begin with an empty ledger; `clear` is what else goes before each. */
export function useLedger({ clear }: { clear?: (db: Database) => Promise<void> } = {}): Database {
  const db = {} as Database;
  let database: TestDatabase | undefined;
  let close: (() => Promise<void>) | undefined;

  beforeAll(async () => {
    database = await createTestDatabase();
    const opened = createPool(database.url, { max: 4 });
    close = () => opened.close();
    Object.assign(db, opened);
  });
  afterAll(async () => {
    await close?.();
    await database?.remove();
  });
  beforeEach(async () => {
    await clear?.(db);
    await db.pool.query('truncate attempts, daily_spend, session_spend');
  });
  return db;
}
