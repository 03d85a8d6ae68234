import { connect } from 'node:net';
import { afterAll, expect, onTestFinished, test } from 'vitest';
import { canConnect, createTestDatabase, runSql, startNats, startPostgres, waitFor } from '#testing';

const isListening = (url: string) =>
  new Promise<boolean>((resolve) => {
    const { port, hostname } = new URL(url);
    const socket = connect(Number(port), hostname);
    socket.on('connect', () => resolve(true)).on('error', () => resolve(false));
    socket.on('connect', () => socket.destroy());
  });

const database = await createTestDatabase();
afterAll(() => database.remove());

test('a test database is migrated and of its own', async () => {
  const other = await createTestDatabase();
  onTestFinished(() => other.remove());
  await runSql(database.url, 'create table mine (id int)', 'select count(*) from attempts');
  await expect(runSql(other.url, 'select * from mine')).rejects.toThrow('does not exist');
});

test('a NATS server comes back on the same address after a kill', async () => {
  const nats = await startNats();
  onTestFinished(() => nats.remove());
  expect(await isListening(nats.url)).toBe(true);
  await nats.kill();
  expect(await isListening(nats.url)).toBe(false);
  await nats.start();
  expect(await isListening(nats.url)).toBe(true);
});

test('a Postgres comes back on the same address with its data after a kill', async () => {
  const postgres = await startPostgres();
  onTestFinished(() => postgres.remove());
  await runSql(postgres.url, 'create table kept (id int)');
  await postgres.kill();
  expect(await canConnect(postgres.url)).toBe(false);
  await postgres.start();
  await runSql(postgres.url, 'select * from kept');
});

test('a wait that is in vain says what for and why', async () => {
  const wait = waitFor(() => Promise.reject(new Error('not yet')), { what: 'a miracle', timeoutMs: 30 });
  await expect(wait).rejects.toThrow('waited 30 ms for a miracle');
  await expect(wait).rejects.toHaveProperty('cause.message', 'not yet');
});
