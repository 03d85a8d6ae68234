import { createHash } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import { applyAttempts } from '#db';
import { MASTER_KEY } from './support/admin.ts';
import { attemptEvent } from './support/attempt-event.ts';
import { useAdmin } from './support/use-admin.ts';

const { admin, clock, generate } = useAdmin();
beforeEach(() => admin.call('/team/new', { body: { team_id: 't1' } }));

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

describe('POST /key/generate', () => {
  test('answers with the key once, in the shape LiteLLM clients read', async () => {
    clock.now = () => new Date('2025-01-31T10:00:00Z');
    const { status, json } = await admin.call('/key/generate', {
      body: {
        key_alias: 'coder',
        duration: '1mo',
        models: ['agent-planner', 'openai/*'],
        user_id: 'u1',
        team_id: 't1',
        metadata: { purpose: 'tests', tags: ['from-metadata'] },
        tags: ['ci'],
        aliases: { fast: 'agent-executor' },
        max_budget: null,
        permissions: {},
        guardrails: [],
      },
    });
    expect(status).toBe(200);
    expect(json.key).toMatch(/^sk-[\w-]{32}$/);
    expect(json).toMatchObject({
      token: sha256(json.key),
      token_id: sha256(json.key),
      key_name: `sk-...${json.key.slice(-4)}`,
      key_alias: 'coder',
      expires: '2025-02-28T10:00:00.000Z',
      models: ['agent-planner', 'openai/*'],
      user_id: 'u1',
      team_id: 't1',
      metadata: { purpose: 'tests', tags: ['from-metadata'] },
      tags: ['ci'],
      aliases: { fast: 'agent-executor' },
      blocked: false,
      spend: 0,
      created_by: 'master-key',
    });
    expect(await admin.bucket.get(json.token)).toEqual({
      v: 1,
      hash: json.token,
      masked: json.key_name,
      alias: 'coder',
      teamId: 't1',
      userId: 'u1',
      models: ['agent-planner', 'openai/*'],
      aliases: { fast: 'agent-executor' },
      expiresAt: Date.UTC(2025, 1, 28, 10),
      blocked: false,
      tags: ['ci', 'from-metadata'],
    });
  });

  test('the key is stored nowhere: not in Postgres, not in the bucket', async () => {
    const { key, token } = await generate({ key: 'sk-chosen-by-somebody-1234' });
    expect(key).toBe('sk-chosen-by-somebody-1234');
    const { rows } = await admin.db.pool.query('select virtual_keys::text as row from virtual_keys');
    expect(rows[0].row).toContain(token);
    expect(rows[0].row).not.toContain('chosen-by');
    expect(JSON.stringify(await admin.bucket.get(token))).not.toContain('chosen-by');
  });

  test.each([
    ['a limit that would not be enforced', { mcp_rpm_limit: { a: 1 } }, 400, 'unsupported_parameter', 'mcp_rpm_limit', /not enforced yet/],
    [
      'vector stores',
      { object_permission: { vector_stores: ['x'] } },
      400,
      'unsupported_parameter',
      'object_permission',
      /not enforced yet/,
    ],
    ['a negative budget', { max_budget: -1 }, 400, 'invalid_request', 'max_budget', /negative/],
    ['an absurd budget', { max_budget: 1e15 }, 400, 'invalid_request', 'max_budget', /not be more than/],
    ['a budget of a strange length', { max_budget: 1, budget_duration: 'daily' }, 400, 'invalid_request', 'budget_duration', /1mo/],
    [
      'a negative window',
      { budget_limits: [{ budget_duration: '1d', max_budget: -5 }] },
      400,
      'invalid_request',
      'budget_limits[0].max_budget',
      /negative/,
    ],
    ['a half window', { budget_limits: [{ max_budget: 5 }] }, 400, 'invalid_request', 'budget_limits[0].budget_duration', /string/],
    ['a negative rate', { rpm_limit: -1 }, 400, 'invalid_request', 'rpm_limit', /whole number/],
    ['a rate of one model that is none', { model_rpm_limit: { a: 'x' } }, 400, 'invalid_request', 'model_rpm_limit.a', /number/],
    [
      'a time zone that is none',
      { max_budget: 1, budget_duration: '1d', budget_time_zone: 'Mars' },
      400,
      'invalid_request',
      'budget_time_zone',
      /IANA/,
    ],
    ['a route that is none', { allowed_routes: ['models'] }, 400, 'invalid_request', 'allowed_routes[0]', /path/],
    [
      'two words on routes',
      { key_type: 'llm_api', allowed_routes: ['/v1/models'] },
      400,
      'invalid_request',
      'allowed_routes',
      /one of the two/,
    ],
    ['a type of key that is none', { key_type: 'admin' }, 400, 'invalid_request', 'key_type', /llm_api/],
    ['rotation without an interval', { auto_rotate: true }, 400, 'invalid_request', 'rotation_interval', /30d/],
    ['a team that is none', { team_id: 'nobody' }, 404, 'route_not_found', 'team_id', /no team nobody/],
    ['an organization that is none', { organization_id: 'nobody' }, 404, 'route_not_found', 'organization_id', /no organization/],
    ['a shared budget that is none', { budget_id: 'nobody' }, 404, 'route_not_found', 'budget_id', /no budget/],
    ['models of a team without one', { models: ['all-team-models'] }, 400, 'invalid_request', 'models', /team_id/],
    ['a typing error', { model: ['x'] }, 400, 'invalid_request', 'model', /Did you mean models\?/],
    ['a typing error in a limit', { max_buget: 5 }, 400, 'invalid_request', 'max_buget', /Did you mean max_budget\?/],
    ['an unknown field', { whatever_this_is: 1 }, 400, 'invalid_request', 'whatever_this_is', /Unknown body field/],
    ['a wrong type', { models: 'gpt-4' }, 400, 'invalid_request', 'models', /array/],
    ['a wrong type in a list', { models: ['a', 7] }, 400, 'invalid_request', 'models[1]', /string/],
    ['a wrong duration', { duration: 'tomorrow' }, 400, 'invalid_request', 'duration', /30d/],
    ['a key without prefix', { key: 'my-own-key-1234567890' }, 400, 'invalid_request', 'key', /must start with sk-/],
    ['a key too short', { key: 'sk-short' }, 400, 'invalid_request', 'key', /at least 16/],
    ['the master key', { key: MASTER_KEY }, 409, 'conflict', 'key', /master key/],
    ['text that can not be stored', { metadata: { a: '\0' } }, 400, 'invalid_request', null, /can not be stored/],
    ['a list', [], 400, 'invalid_request', null, /must be an object/],
  ])('refuses %s and makes no key', async (_name, body, status, code, param, message) => {
    const answer = await admin.call('/key/generate', { body });
    expect(answer.json.error).toMatchObject({ code, param, message: expect.stringMatching(message) });
    expect(answer.status).toBe(status);
    expect((await admin.call('/key/list')).json.total_count).toBe(0);
  });

  test('an alias is taken once, and free again after its key was deleted', async () => {
    const { token } = await generate({ key_alias: 'coder' });
    const second = await admin.call('/key/generate', { body: { key_alias: 'coder' } });
    expect(second).toMatchObject({ status: 409, json: { error: { code: 'conflict', param: 'key_alias' } } });
    await admin.call('/key/delete', { body: { keys: [token] } });
    expect((await admin.call('/key/generate', { body: { key_alias: 'coder' } })).status).toBe(200);
  });

  test('a chosen key can not be taken twice, but made again after it was deleted', async () => {
    const key = 'sk-chosen-by-somebody-1234';
    const { token } = await generate({ key, models: ['a'] });
    expect(await admin.call('/key/generate', { body: { key } })).toMatchObject({ status: 409, json: { error: { param: 'key' } } });
    await admin.call('/key/delete', { body: { keys: [key] } });
    expect(await generate({ key, models: ['b'] })).toMatchObject({ token, models: ['b'] });
    expect(await admin.bucket.get(token)).toMatchObject({ models: ['b'] });
  });

  test('a body that is no JSON, or too large, is a clear error', async () => {
    const send = (payload: string) =>
      admin.app.inject({ method: 'POST', url: '/key/generate', headers: { authorization: MASTER_KEY }, payload });
    expect((await send('{"key_alias":')).json().error.message).toBe('The request body is not valid JSON.');
    expect((await send(JSON.stringify({ metadata: { a: 'x'.repeat(2 ** 20) } }))).json().error).toMatchObject({ code: 'body_too_large' });
  });
});

describe('who may do what', () => {
  test.each([
    ['no key', undefined, 401, 'missing_key'],
    ['an unknown key', 'sk-unknown-0123456789', 401, 'unknown_key'],
  ])('%s is refused', async (_name, key, status, code) => {
    const headers = key === undefined ? {} : { authorization: `Bearer ${key}` };
    const response = await admin.app.inject({ method: 'GET', url: '/key/info', headers });
    expect({ status: response.statusCode, code: response.json().error.code }).toEqual({ status, code });
  });

  test('a key is taken from any of the headers that SDKs send it in', async () => {
    const { key } = await generate();
    for (const headers of [
      { authorization: key },
      { authorization: `bearer ${key}` },
      { 'x-api-key': key },
      { 'x-litellm-api-key': `Bearer ${key}` },
    ]) {
      const response = await admin.app.inject({ method: 'GET', url: '/key/info', headers: headers as Record<string, string> });
      expect(response.statusCode).toBe(200);
    }
  });

  test('blocked, expired and deleted keys are told so', async () => {
    const blocked = await generate({ blocked: true });
    const expiring = await generate({ duration: '30s' });
    const deleted = await generate();
    await admin.call('/key/delete', { body: { keys: [deleted.key] } });
    clock.now = () => new Date(Date.now() + 31_000);
    const code = async (key: string) => (await admin.call('/key/info', { as: key })).json.error.code;
    expect([await code(blocked.key), await code(expiring.key), await code(deleted.key)]).toEqual([
      'key_blocked',
      'expired_key',
      'unknown_key',
    ]);
  });

  test('a virtual key sees itself and nothing else, and changes nothing', async () => {
    const own = await generate({ key_alias: 'own' });
    const other = await generate({ key_alias: 'other' });
    expect((await admin.call('/key/info', { as: own.key })).json).toMatchObject({ key: own.token, info: { key_alias: 'own' } });
    const refused = await Promise.all([
      admin.call(`/key/info?key=${other.token}`, { as: own.key }),
      admin.call('/key/generate', { as: own.key, body: {} }),
      admin.call('/key/block', { as: own.key, body: { key: own.key } }),
      admin.call('/key/delete', { as: own.key, body: { keys: [own.key] } }),
    ]);
    expect(refused.map(({ status, json }) => [status, json.error.code])).toEqual(refused.map(() => [403, 'route_access_denied']));
    expect((await admin.call('/key/list', { as: own.key })).json).toMatchObject({ keys: [own.token], total_count: 1 });
    expect((await admin.call(`/key/list?key_hash=${other.token}`, { as: own.key })).json.total_count).toBe(0);
  });
});

describe('keys that exist', () => {
  test('/key/info finds a key by itself and by its hash, with what it has spent', async () => {
    const { key, token } = await generate({ key_alias: 'coder' });
    await applyAttempts(admin.db, [attemptEvent({ by: { keyHash: token } }), attemptEvent({ by: { keyHash: token } }), attemptEvent()]);
    const byKey = (await admin.call(`/key/info?key=${key}`)).json;
    expect(byKey).toMatchObject({ key, info: { key_alias: 'coder', spend: 0.0000255, spend_usd: '0.00002550', status: 'active' } });
    expect(byKey.info).not.toHaveProperty('token');
    expect((await admin.call(`/key/info?key=${token}`)).json).toMatchObject({ key: token, info: byKey.info });
    expect((await admin.call('/key/info?key=sk-nobody')).status).toBe(404);
    expect((await admin.call('/key/info')).status).toBe(400);
  });

  test('block, unblock and delete are in the bucket when they answer', async () => {
    const { key, token } = await generate();
    expect((await admin.call('/key/block', { body: { key } })).json).toMatchObject({ token, blocked: true });
    expect(await admin.bucket.get(token)).toMatchObject({ blocked: true });
    await admin.call('/key/unblock', { body: { key: token } });
    expect(await admin.bucket.get(token)).toMatchObject({ blocked: false });
    expect((await admin.call('/key/delete', { body: { keys: [key] } })).json).toEqual({ deleted_keys: [key] });
    expect(await admin.bucket.get(token)).toBeUndefined();
    expect((await admin.call(`/key/info?key=${token}`)).json.info).toMatchObject({ status: 'deleted' });
    expect((await admin.call('/key/block', { body: { key } })).status).toBe(404);
  });

  test('delete takes all it is given or nothing', async () => {
    const one = await generate({ key_alias: 'one' });
    await generate({ key_alias: 'two' });
    const failed = await admin.call('/key/delete', { body: { keys: [one.key, 'sk-nobody'] } });
    expect(failed).toMatchObject({ status: 404, json: { error: { param: 'keys[1]' } } });
    expect(await admin.bucket.get(one.token)).toBeDefined();
    expect((await admin.call('/key/delete', { body: { key_aliases: ['one', 'two'] } })).json).toEqual({ deleted_keys: ['one', 'two'] });
    expect((await admin.call('/key/list')).json.total_count).toBe(0);
  });

  test('/key/list pages and filters', async () => {
    for (const user of ['a', 'b', 'a']) await generate({ user_id: user });
    const first = (await admin.call('/key/list?size=2')).json;
    const second = (await admin.call('/key/list?size=2&page=2')).json;
    expect(first).toMatchObject({ total_count: 3, current_page: 1, total_pages: 2 });
    expect(new Set([...first.keys, ...second.keys]).size).toBe(3);
    const full = (await admin.call('/key/list?user_id=b&return_full_object=true')).json;
    expect(full.keys).toMatchObject([{ user_id: 'b', token: expect.any(String) }]);
    expect((await admin.call('/key/list?sise=2')).json.error.message).toMatch(/Did you mean size\?/);
  });
});

test('with Postgres down every guarded route says so within three seconds, and works again when it is back', async () => {
  await admin.postgres.stop();
  const askedAt = performance.now();
  const answer = await admin.call('/key/list');
  expect(answer).toMatchObject({
    status: 503,
    json: { error: { type: 'service_unavailable', message: expect.stringContaining('database') } },
  });
  expect(performance.now() - askedAt).toBeLessThan(3_000);
  expect(await admin.call('/health/readiness')).toMatchObject({ status: 503, json: { db: 'disconnected', checks: { database: 'down' } } });
  expect((await admin.app.inject('/health/liveliness')).statusCode).toBe(200);
  await admin.postgres.start();
  expect((await admin.call('/key/list')).status).toBe(200);
  expect((await admin.call('/health/readiness')).status).toBe(200);
}, 30_000);
