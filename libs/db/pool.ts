import pg from 'pg';
import { drizzle, type NodePgDatabase } from './drizzle.ts';

/** The database as the rest of the product holds it: opaque, handed to the functions of this library. */
export interface Database {
  readonly pool: pg.Pool;
  readonly orm: NodePgDatabase;
  close(): Promise<void>;
}

export interface PoolOptions {
  /** Connections at most; each costs the server some 10 MB. */
  readonly max: number;
  /** Shown in `pg_stat_activity`. */
  readonly name?: string | undefined;
  /** A query that takes longer fails, and its connection is thrown away. */
  readonly queryTimeoutMs?: number | undefined;
  /** Connections that end while nobody uses them (Postgres restarts): told, not thrown. */
  readonly onIdleError?: ((error: Error) => void) | undefined;
}

const CONNECT_TIMEOUT_MS = 2_000;
const QUERY_TIMEOUT_MS = 30_000;
const IDLE_TIMEOUT_MS = 60_000;

/** A pool for a `postgres://` URL. Connects on first use, never before; survives restarts of the server. */
export function createPool(url: string, options: PoolOptions): Database {
  const queryTimeoutMs = options.queryTimeoutMs ?? QUERY_TIMEOUT_MS;
  const pool = new pg.Pool({
    connectionString: url,
    max: options.max,
    application_name: options.name ?? 'headrace',
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    idleTimeoutMillis: IDLE_TIMEOUT_MS,
    query_timeout: queryTimeoutMs,
    statement_timeout: queryTimeoutMs,
    keepAlive: true,
  });
  const ignore = (error: Error): void => options.onIdleError?.(error);
  pool.on('error', ignore);
  // the pool listens to idle clients only: one that dies while a transaction holds it would end the process
  pool.on('connect', (client) => client.on('error', () => undefined));
  return { pool, orm: drizzle(pool), close: () => pool.end() };
}
