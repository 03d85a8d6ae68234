import type { Database } from './pool.ts';

/**
 * Everything that `work` does with the database it is given happens, or nothing does: a change and its entry in the audit log. Functions of
 * this library that open a transaction themselves take part in it. Retries nothing.
 */
export function transact<T>(db: Database, work: (inside: Database) => Promise<T>): Promise<T> {
  return db.orm.transaction((tx) => work({ ...db, orm: tx }));
}
