import { readdir } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createPool, type Database, migrate } from '#db';
import { startPostgres, type TestPostgres } from '#testing';

let postgres: TestPostgres;
let db: Database;

beforeAll(async () => {
  postgres = await startPostgres();
  db = createPool(postgres.url, { max: 2 });
});
afterAll(async () => {
  await db?.close();
  await postgres?.remove();
});

test('processes that migrate a new database at the same time apply each migration once', async () => {
  const files = (await readdir('drizzle')).filter((name) => name.endsWith('.sql')).map((name) => name.replace('.sql', ''));
  const reports = await Promise.all(Array.from({ length: 5 }, () => migrate(postgres.url)));
  expect(reports.flatMap((report) => report.applied)).toEqual(files.toSorted());
  expect(reports.map((report) => report.total)).toEqual(Array.from({ length: 5 }, () => files.length));
  const { rows } = await db.pool.query(`select to_regclass('attempts') is not null and to_regclass('virtual_keys') is not null as made`);
  expect(rows).toEqual([{ made: true }]);
});

test('migrating again changes nothing', async () => {
  expect((await migrate(postgres.url)).applied).toEqual([]);
});

test('a database that is not there is an error within seconds, not a wait', async () => {
  await expect(migrate('postgres://nobody:secret@127.0.0.1:1/nothing')).rejects.toThrow(/ECONNREFUSED/);
});
