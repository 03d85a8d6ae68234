import type { Database } from './pool.ts';

/** Resolves when the database answers; rejects when it does not, within the pool's time limits. */
export async function pingDatabase(db: Database): Promise<void> {
  await db.pool.query('select 1');
}
