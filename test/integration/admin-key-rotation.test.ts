import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { rotateDueKeys } from '../../services/admin/keys/rotate-due-keys.ts';
import { MASTER_KEY } from './support/admin.ts';
import { CALL_USD, useAdmin } from './support/use-admin.ts';

const { admin, at, clock, generate, post, spend } = useAdmin();

const record = (hash: string) => admin.bucket.get(hash);
const info = async (key: string) => (await admin.call(`/key/info?key=${key}`)).json.info;

describe('rotation', () => {
  const works = async (key: string) => (await admin.call('/key/info', { as: key })).status === 200;

  test('gives a key another secret; its name, spend and limits stay, the secret before is over', async () => {
    const { key, token } = await generate({ max_budget: 5, key_alias: 'coder' });
    await spend(token, Date.now());
    const { status, json } = await post('/key/regenerate', { key });
    expect(status).toBe(200);
    expect(json.key).not.toBe(key);
    expect(json).toMatchObject({
      token,
      key_alias: 'coder',
      max_budget: 5,
      spend: CALL_USD,
      rotation_count: 1,
      key_name: `sk-...${json.key.slice(-4)}`,
    });
    expect([await works(key), await works(json.key)]).toEqual([false, true]);
    const entry = await secretEntry(json.key);
    expect(entry).toMatchObject({ hash: token, limits: { budgets: [{ limitUsd: '5' }] } });
    expect(entry).not.toHaveProperty('secretUntil');
    expect(await record(token)).toMatchObject({ hash: token, secretUntil: 0, limits: {} });
    expect(await info(json.key)).toMatchObject({ spend: CALL_USD });
  });

  test('with a grace period both work until it is over', async () => {
    const now = at('2026-03-04T12:00:00Z');
    const { key, token } = await generate();
    const chosen = 'sk-chosen-by-somebody-1234';
    const { json } = await post(`/key/${token}/regenerate`, { grace_period: '1h', new_key: chosen });
    expect(json.key).toBe(chosen);
    expect([await works(key), await works(chosen)]).toEqual([true, true]);
    expect(await record(token)).toMatchObject({ secretUntil: now + 3_600_000 });
    at('2026-03-04T13:00:00Z');
    expect([await works(key), await works(chosen)]).toEqual([false, true]);
  });

  test('again takes the second secret out of the bucket, and deletion all of them', async () => {
    const { key, token } = await generate();
    const second = (await post('/key/regenerate', { key, grace_period: '1h' })).json.key;
    const third = (await post('/key/regenerate', { key: token, grace_period: '1h' })).json.key;
    const fourth = (await post('/key/regenerate', { key: token })).json.key;
    expect([await works(key), await works(second), await works(third), await works(fourth)]).toEqual([false, false, false, true]);
    expect([await secretEntry(second), await secretEntry(third)]).toEqual([undefined, undefined]);
    await post('/key/delete', { keys: [fourth] });
    expect([await record(token), await secretEntry(fourth)]).toEqual([undefined, undefined]);
    expect(await works(fourth)).toBe(false);
  });

  test.each([
    ['the master key', () => MASTER_KEY],
    ['a key that somebody has', () => 'sk-somebody-elses-0123456'],
    ['the secret it has', (key: string) => key],
  ])('%s can not be chosen as the new one', async (_name, chosen) => {
    await generate({ key: 'sk-somebody-elses-0123456' });
    const { key } = await generate();
    expect(await post('/key/regenerate', { key, new_key: chosen(key) })).toMatchObject({
      status: 409,
      json: { error: { param: 'new_key' } },
    });
    expect(await works(key)).toBe(true);
  });

  test('by an interval is done once, however many replicas do it, and its holder fetches the new secret with the one before', async () => {
    at('2026-03-01T00:00:00Z');
    const { key, token } = await generate({ auto_rotate: true, rotation_interval: '30d', max_budget: 1 });
    const resources = {
      db: admin.db,
      keys: admin.publisher,
      masterKey: MASTER_KEY,
      now: () => clock.now(),
      log: { info() {}, warn() {}, error() {} },
    };
    expect(await rotateDueKeys(resources)).toBe(0);
    at('2026-03-31T00:00:01Z');
    const done = await Promise.all([rotateDueKeys(resources), rotateDueKeys(resources), rotateDueKeys(resources)]);
    expect(done.reduce((total, count) => total + count, 0)).toBe(1);
    const { json } = await post('/key/rotated', {}, key);
    expect(json).toMatchObject({ token, max_budget: 1, rotation_count: 1, key_rotation_at: '2026-04-30T00:00:01.000Z' });
    expect([await works(key), await works(json.key)]).toEqual([true, true]);
    expect(await secretEntry(json.key)).toMatchObject({ hash: token });
    at('2026-04-05T00:00:00Z');
    expect([await works(key), await works(json.key)]).toEqual([false, true]);
    const stranger = await generate();
    expect((await post('/key/rotated', {}, stranger.key)).status).toBe(409);
    expect((await admin.call('/audit?action=rotated')).json.audit_logs).toMatchObject([{ changed_by: 'headrace', object_id: token }]);
  });

  async function secretEntry(secret: string) {
    return record(createHash('sha256').update(secret).digest('hex'));
  }
});

describe('the audit log', () => {
  test('has every change with who, what, before and after, and never a secret', async () => {
    const { key, token } = await generate({ max_budget: 5, key_alias: 'coder' });
    await post('/key/update', { key, max_budget: 7 });
    await post('/key/block', { key });
    const rotated = (await post('/key/regenerate', { key, grace_period: '1h' })).json.key;
    await post('/key/delete', { keys: [token] });
    const { json } = await admin.call(`/audit?object_id=${token}&sort_order=asc`);
    expect(json).toMatchObject({ total: 5, page: 1, total_pages: 1 });
    expect(json.audit_logs.map((entry: { action: string }) => entry.action)).toEqual([
      'created',
      'updated',
      'blocked',
      'rotated',
      'deleted',
    ]);
    expect(json.audit_logs[1]).toMatchObject({
      changed_by: 'master-key',
      changed_by_api_key: null,
      table_name: 'keys',
      before_value: { limitFields: { max_budget: 5 } },
      updated_values: { limitFields: { max_budget: 7 } },
    });
    const { rows } = await admin.db.pool.query('select audit_log::text as row from audit_log');
    const text = rows.map(({ row }) => row).join('\n');
    for (const secret of [key, rotated]) {
      expect(text).not.toContain(secret);
      // the key's name is the hash of its first secret; of the later ones not even that is there
      if (secret !== key) expect(text).not.toContain(createHash('sha256').update(secret).digest('hex'));
    }
  });

  test('is paged and filtered, names whom a program acts for, and has nothing of what was refused', async () => {
    const made = [];
    for (let count = 0; count < 3; count += 1) made.push(await generate());
    await post('/key/update', { key: made[0].key, max_budget: -1 });
    const headers = { authorization: `Bearer ${MASTER_KEY}`, 'litellm-changed-by': 'alice@team' };
    await admin.app.inject({ method: 'POST', url: '/key/block', headers, payload: { key: made[1].key } });
    const page = (await admin.call('/audit?page_size=2&page=2')).json;
    expect(page).toMatchObject({ total: 4, page: 2, total_pages: 2 });
    const entry = (await admin.call('/audit?action=blocked')).json.audit_logs[0];
    expect(entry).toMatchObject({ changed_by: 'alice@team', object_id: made[1].token });
    expect((await admin.call(`/audit/${entry.id}`)).json).toEqual(entry);
    expect((await admin.call('/audit/none')).status).toBe(404);
    expect((await admin.call('/audit?page_sise=2')).json.error.message).toMatch(/Did you mean page_size\?/);
  });
});
