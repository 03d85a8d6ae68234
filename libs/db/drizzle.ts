import { createRequire } from 'node:module';
import type * as Core from 'drizzle-orm';
import type * as NodePostgres from 'drizzle-orm/node-postgres';
import type * as Migrator from 'drizzle-orm/node-postgres/migrator';
import type * as PgCore from 'drizzle-orm/pg-core';

/**
 * drizzle-orm by way of its CommonJS build. Its package.json lists 178 kB of exports, which Node's loader for ES modules
 * parses again for each of the 150 files: 400 ms at the start of every process. This way it is 60 ms.
 */
const load = createRequire(import.meta.url);

const core = load('drizzle-orm') as typeof Core;
const postgres = load('drizzle-orm/pg-core') as typeof PgCore;
const nodePostgres = load('drizzle-orm/node-postgres') as typeof NodePostgres;
const migrator = load('drizzle-orm/node-postgres/migrator') as typeof Migrator;

export const { and, asc, count, desc, eq, gt, gte, ilike, inArray, isNotNull, isNull, lt, lte, or, sql } = core;
export const {
  bigint,
  boolean,
  check,
  customType,
  date,
  index,
  integer,
  jsonb,
  numeric,
  pgTable,
  primaryKey,
  text,
  timestamp,
  uniqueIndex,
  uuid,
} = postgres;
export const { drizzle } = nodePostgres;
export const runMigrations = migrator.migrate;
export type { SQL } from 'drizzle-orm';
export type { NodePgDatabase } from 'drizzle-orm/node-postgres';
export type { AnyPgColumn } from 'drizzle-orm/pg-core';
