import { randomBytes } from 'node:crypto';
import { inject } from 'vitest';
import { TEMPLATE_DATABASE } from './postgres-global-setup.ts';
import { runSql, withDatabase } from './sql.ts';

export interface TestDatabase {
  readonly url: string;
  remove(): Promise<void>;
}

/** The Postgres of the whole test run; undefined outside of one, and in projects without databases. */
export function findTestServer(): string | undefined {
  return process.env['VITEST'] === undefined ? undefined : (inject('testPostgresUrl') as string | undefined);
}

/** A migrated, empty database for one test file: a copy of the template, made in some 50 ms. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const server = inject('testPostgresUrl');
  const name = `test_${randomBytes(6).toString('hex')}`;
  await runSql(server, `create database ${name} template ${TEMPLATE_DATABASE} strategy file_copy`);
  return {
    url: withDatabase(server, name),
    remove: async () => void (await runSql(server, `drop database if exists ${name} with (force)`)),
  };
}
