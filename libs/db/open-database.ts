import { createPool, type Database } from './pool.ts';

/** The parts of a service that its database is opened for. */
export interface DatabaseOwner {
  readonly instance: string;
  readonly log: { debug(fields: object, message: string): void };
  readonly releases: { add(name: string, release: () => Promise<void>): void };
}

const QUERY_TIMEOUT_MS = 15_000;

/** A service's pool, closed when the service ends. `connections` at most; none is made before the first query. */
export function openDatabase(url: string, owner: DatabaseOwner, { connections }: { readonly connections: number }): Database {
  const { instance, log, releases } = owner;
  const db = createPool(url, {
    max: connections,
    name: instance,
    queryTimeoutMs: QUERY_TIMEOUT_MS,
    onIdleError: (error) => log.debug({ err: error }, 'idle database connection ended'),
  });
  releases.add('database', () => db.close());
  return db;
}
