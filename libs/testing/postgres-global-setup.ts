import type { TestProject } from 'vitest/node';
import { migrate } from '#db';
import { runSql, withDatabase } from './sql.ts';
import { startPostgres, type TestPostgres } from './start-postgres.ts';

/** Name of the migrated, empty database that each test file's own is a copy of. */
export const TEMPLATE_DATABASE = 'headrace_template';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Of the server's own `postgres` database. */
    testPostgresUrl: string;
  }
}

interface SharedServer {
  users: number;
  server: Promise<TestPostgres>;
}

/** Every vitest project runs this set-up with modules of its own, all in one process: the server is found there by this key. */
const SHARED = Symbol.for('headrace.test-postgres');
const shelf = globalThis as typeof globalThis & { [SHARED]?: SharedServer };

/** Starts one Postgres for the whole test run; the last project that ends stops it. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const shared = (shelf[SHARED] ??= { users: 0, server: startWithTemplate() });
  shared.users += 1;
  const server = await shared.server;
  project.provide('testPostgresUrl', withDatabase(server.url, 'postgres'));
  return async () => {
    shared.users -= 1;
    if (shared.users > 0) return;
    delete shelf[SHARED];
    await server.remove();
  };
}

async function startWithTemplate(): Promise<TestPostgres> {
  const server = await startPostgres();
  await runSql(withDatabase(server.url, 'postgres'), `create database ${TEMPLATE_DATABASE}`);
  await migrate(withDatabase(server.url, TEMPLATE_DATABASE));
  return server;
}
