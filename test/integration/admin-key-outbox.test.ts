import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { waitFor } from '#testing';
import { type AdminUnderTest, startAdmin } from './support/admin.ts';

let admin: AdminUnderTest;

beforeAll(async () => {
  admin = await startAdmin();
}, 30_000);
afterAll(() => admin?.remove());
beforeEach(() => admin.db.pool.query('truncate virtual_keys'));

const generate = async (body: object = {}) => (await admin.call('/key/generate', { body })).json;

describe('Postgres and the bucket agree in the end', () => {
  const unpublish = () => admin.db.pool.query('update virtual_keys set published_revision = 0');

  test('a change that a crash kept from the bucket is brought there by the next repair', async () => {
    const { token } = await generate();
    await admin.db.pool.query('update virtual_keys set blocked = true, revision = revision + 1');
    expect(await admin.bucket.get(token)).toMatchObject({ blocked: false });
    expect(await admin.publisher.repair()).toBe(0);
    expect(await admin.bucket.get(token)).toMatchObject({ blocked: true });
  });

  test('a deletion that a crash kept from the bucket is brought there, too', async () => {
    const { token } = await generate();
    await admin.db.pool.query('update virtual_keys set deleted_at = now(), revision = revision + 1');
    await admin.publisher.repair();
    expect(await admin.bucket.get(token)).toBeUndefined();
  });

  test('a lost bucket is filled again from Postgres', async () => {
    const made: { readonly token: string }[] = [];
    while (made.length < 250) made.push(...(await Promise.all(Array.from({ length: 25 }, () => generate()))));
    const manager = await admin.bus.js.jetstreamManager();
    await manager.streams.purge('KV_keys');
    expect(await admin.bucket.count()).toBe(0);
    await admin.publisher.repair();
    expect(await admin.bucket.count()).toBe(250);
    expect(await admin.bucket.get(made[0]?.token ?? '')).toMatchObject({ hash: made[0]?.token });
  });

  test('a repair changes nothing when nothing is due', async () => {
    const { token } = await generate();
    const entries = await admin.bucket.count();
    let changes = 0;
    const end = await admin.bucket.watch(() => (changes += 1));
    await admin.publisher.repair();
    await unpublish();
    await admin.publisher.repair();
    await waitFor(() => changes === 1, { timeoutMs: 3_000, what: 'the one that was due' });
    expect(await admin.bucket.count()).toBe(entries);
    expect(await admin.bucket.get(token)).toBeDefined();
    end();
  });

  test('while NATS is away a key is made but a block is not claimed; both reach the bucket when it is back', async () => {
    const { key, token } = await generate();
    await admin.nats.kill();
    const [made, blocked] = await Promise.all([admin.call('/key/generate', { body: {} }), admin.call('/key/block', { body: { key } })]);
    expect(made.status).toBe(200);
    expect(blocked).toMatchObject({ status: 503, json: { error: { code: 'queue_unavailable' } } });
    await admin.nats.start();
    admin.publisher.start();
    await waitFor(async () => (await admin.bucket.get(token).catch(() => undefined))?.blocked === true, {
      timeoutMs: 15_000,
      what: 'the block',
    });
    await waitFor(async () => (await admin.bucket.get(made.json.token)) !== undefined, { what: 'the key that was made' });
  }, 40_000);
});
