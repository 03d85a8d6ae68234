import { setTimeout as delay } from 'node:timers/promises';
import { isContention } from './database-error.ts';
import type { Database } from './pool.ts';

/** Two that keep meeting are apart after a try or two, by the random pause; more in a row is a busy row that everybody wants. */
const ATTEMPTS = 8;
const PAUSE_MS = 20;

/**
 * Everything that `work` does with the database it is given happens, or nothing does: a change and its entry in the audit log. Functions of
 * this library that open a transaction themselves take part in it.
 *
 * A key is locked before its team where it is changed, and behind its team where the team is deleted, so two transactions can wait for each
 * other. Postgres then ends one of them (https://www.postgresql.org/docs/current/explicit-locking.html#LOCKING-DEADLOCKS), and here it is
 * run again from the start, where it finds what the other has left. So `work` may run several times, and does nothing but ask this database.
 */
export async function transact<T>(db: Database, work: (inside: Database) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await db.orm.transaction((tx) => work({ ...db, orm: tx }));
    } catch (error) {
      // within another transaction it is that one which is over, and is run again
      if (isInside(db) || attempt === ATTEMPTS || !isContention(error)) throw error;
    }
    await delay(Math.random() * PAUSE_MS * attempt);
  }
}

function isInside({ orm }: Database): boolean {
  return 'rollback' in orm;
}
