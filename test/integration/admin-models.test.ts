import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openConfigBucket } from '#bus';
import type { ConfigRecord } from '#contracts';
import { waitFor } from '#testing';
import { type AdminUnderTest, startAdmin } from './support/admin.ts';

const SECRET = 'sk-upstream-0123456789';
let admin: AdminUnderTest;
let records: ReadonlyMap<string, ConfigRecord>;
let unwatch: () => void;

beforeAll(async () => {
  admin = await startAdmin();
  const bucket = await openConfigBucket(admin.bus);
  unwatch = await bucket.watch((all) => (records = all));
}, 30_000);
afterAll(async () => {
  unwatch?.();
  await admin?.remove();
});
beforeEach(async () => {
  await admin.db.pool.query('truncate models, config_settings');
});

const post = (path: string, body: unknown) => admin.call(path, { body });
const published = (id: string) => [...records.values()].find((record) => record.kind === 'model' && record.id === id);
let made = 0;
const newModel = (params: Record<string, unknown> = {}, more: Record<string, unknown> = {}) => {
  made += 1;
  return { model_name: 'fast', litellm_params: { model: 'openai/gpt-4o', ...params }, model_info: { id: `m-${made}` }, ...more };
};

describe('POST /model/new', () => {
  test('answers with the stored model in LiteLLM’s shape, without its secrets', async () => {
    const { status, json } = await post('/model/new', newModel({ api_key: SECRET, rpm: 5 }, { model_info: { id: 'first', mode: 'chat' } }));
    expect(status).toBe(200);
    expect(json).toMatchObject({
      model_id: 'first',
      model_name: 'fast',
      litellm_params: { model: 'openai/gpt-4o', rpm: 5 },
      model_info: { id: 'first', mode: 'chat', db_model: true, blocked: false },
      created_by: 'master-key',
    });
    expect(JSON.stringify(json)).not.toContain('sealed:');
    expect(JSON.stringify(json)).not.toContain(SECRET);
  });

  test('secrets are sealed in the table and in the bucket', async () => {
    await post('/model/new', newModel({ api_key: SECRET, extra_headers: { 'x-a': SECRET } }, { model_info: { id: 'sealed' } }));
    const { rows } = await admin.db.pool.query('select models::text as row from models');
    expect(rows[0].row).not.toContain(SECRET);
    const record = await waitFor(() => published('sealed'), { what: 'the record' });
    expect(JSON.stringify(record)).not.toContain(SECRET);
    expect(record).toMatchObject({ litellmParams: { model: 'openai/gpt-4o', api_key: expect.stringMatching(/^sealed:v1:/) } });
  });

  test('an id of its own is made where none is given', async () => {
    const { json } = await post('/model/new', newModel({}, { model_info: {} }));
    expect(json.model_id).toMatch(/^[0-9a-f-]{36}$/);
    expect(json.model_info.id).toBe(json.model_id);
  });

  test('what is accepted without effect is said', async () => {
    const { json } = await post('/model/new', newModel({ mock_response: 'hi' }));
    expect(json.warnings).toEqual([expect.stringContaining('mock_response')]);
  });

  test.each([
    ['no name', { model_name: '' }, 'model_name', 'must not be empty'],
    ['no parameters', { litellm_params: undefined }, 'litellm_params', ''],
    ['no model', { litellm_params: { rpm: 5 } }, 'litellm_params', 'model is missing'],
    ['an unknown provider', { litellm_params: { model: 'opnai/gpt-4o' } }, 'litellm_params.model', 'did you mean "openai"'],
    ['a name without a provider', { litellm_params: { model: 'my-model' } }, 'litellm_params.model', 'does not say which provider'],
    ['a misspelt parameter', { litellm_params: { model: 'openai/a', api_bse: 'x' } }, 'litellm_params.api_bse', 'did you mean "api_base"'],
    ['a wrong number', { litellm_params: { model: 'openai/a', rpm: 'many' } }, 'litellm_params.rpm', 'must be a whole number'],
    ['a negative limit', { litellm_params: { model: 'openai/a', tpm: -5 } }, 'litellm_params.tpm', '1 or more'],
    ['no URL', { litellm_params: { model: 'openai/a', api_base: 'host' } }, 'litellm_params.api_base', 'must be a URL'],
    ['a misspelt price', { model_info: { input_cost_per_tokn: 1 } }, 'model_info.input_cost_per_tokn', 'did you mean'],
    ['a strange id', { model_info: { id: 'a b' } }, 'model_info.id', 'letters'],
    ['a field nobody knows', { modelname: 'x' }, undefined, 'Did you mean model_name'],
    ['a sealed secret', { litellm_params: { model: 'openai/a', api_key: 'sealed:v1:x:y' } }, 'litellm_params', 'sealing'],
  ])('%s is refused with the field and the fix', async (_what, wrong, param, message) => {
    const { status, json } = await post('/model/new', newModel({}, wrong));
    expect(status).toBe(400);
    expect(json.error.message).toContain(message);
    if (param !== undefined) expect(json.error.param).toBe(param);
  });

  test('a taken id is a conflict, also one of the configuration file', async () => {
    await post('/model/new', newModel({}, { model_info: { id: 'taken' } }));
    expect((await post('/model/new', newModel({}, { model_info: { id: 'taken' } }))).status).toBe(409);
    const ofFile = admin.stored.config.deployments[0]?.id;
    expect((await post('/model/new', newModel({}, { model_info: { id: ofFile } }))).json.error).toMatchObject({
      code: 'conflict',
      param: 'model_info.id',
    });
  });
});

describe('POST /model/update', () => {
  test('changes what is named, keeps the rest, takes out what is null', async () => {
    const { json: before } = await post('/model/new', newModel({ api_key: SECRET, rpm: 5, temperature: 0.5 }));
    const changed = await post('/model/update', {
      model_info: { id: before.model_id, mode: 'chat' },
      litellm_params: { rpm: 10, temperature: null },
    });
    expect(changed.status).toBe(200);
    expect(changed.json.litellm_params).toEqual({ model: 'openai/gpt-4o', rpm: 10 });
    expect(changed.json.model_info).toMatchObject({ mode: 'chat' });
    await waitFor(() => JSON.stringify(published(before.model_id)).includes('"rpm":10'), { what: 'the change' });
    expect(published(before.model_id)).toMatchObject({ litellmParams: { api_key: expect.stringMatching(/^sealed:v1:/) } });
  });

  test('a change that makes no sense leaves the model as it was', async () => {
    const { json } = await post('/model/new', newModel({ rpm: 5 }));
    const refused = await admin.call(`/model/${json.model_id}/update`, { method: 'PATCH', body: { litellm_params: { rpm: 0 } } });
    expect(refused.json.error).toMatchObject({ code: 'invalid_request', param: 'litellm_params.rpm' });
    const { rows } = await admin.db.pool.query('select litellm_params from models where id = $1', [json.model_id]);
    expect(rows[0].litellm_params).toEqual({ model: 'openai/gpt-4o', rpm: 5 });
  });

  test('what stands in the file is changed there, and what nobody knows is 404', async () => {
    const ofFile = admin.stored.config.deployments[0]?.id;
    expect((await post('/model/update', { model_info: { id: ofFile } })).json.error.message).toContain('config.yaml');
    expect((await post('/model/update', { model_info: { id: 'nobody' } })).status).toBe(404);
    expect((await post('/model/update', { litellm_params: {} })).json.error.param).toBe('model_info.id');
  });
});

describe('POST /model/delete', () => {
  test('takes it out of the bucket and its secrets out of the table, and frees its id', async () => {
    const model = newModel({ api_key: SECRET });
    await post('/model/new', model);
    const { id } = model.model_info;
    expect((await post('/model/delete', { id })).status).toBe(200);
    await waitFor(() => published(id) === undefined, { what: 'the deletion' });
    const { rows } = await admin.db.pool.query('select litellm_params from models where id = $1', [id]);
    expect(rows[0].litellm_params).toEqual({});
    expect((await post('/model/delete', { id })).status).toBe(404);
    expect((await post('/model/new', model)).status).toBe(200);
  });
});

test('a change that did not reach the bucket is brought there by the next pass', async () => {
  const model = newModel();
  await post('/model/new', model);
  await admin.db.pool.query("update models set model_name = 'changed-meanwhile', revision = revision + 1");
  expect(await admin.stored.publisher.repair()).toBe(0);
  await waitFor(
    () => published(model.model_info.id)?.kind === 'model' && JSON.stringify(published(model.model_info.id)).includes('changed-meanwhile'),
    {
      what: 'the change',
    },
  );
});

describe('settings', () => {
  test('are checked as those of the file, stored, and published', async () => {
    const { status, json } = await post('/config/update', {
      router_settings: { num_retries: 4 },
      litellm_settings: {},
      general_settings: {},
    });
    expect(status).toBe(200);
    expect(json.stored.router_settings).toEqual({ num_retries: 4 });
    expect((await admin.call('/router/settings')).json.current_values.num_retries).toBe(4);
    await post('/config/update', { router_settings: { num_retries: null } });
    expect((await admin.call('/router/settings')).json.current_values.num_retries).toBe(2);
  });

  test.each([
    [{ router_settings: { num_retries: 'many' } }, 'router_settings.num_retries', 'must be a whole number'],
    [{ router_settings: { num_retires: 3 } }, 'router_settings.num_retires', 'can not be changed while the gateway runs'],
    [{ router_settings: { routing_strategy: 'best' } }, 'router_settings.routing_strategy', ''],
    [{ router_settings: { drop_params: true } }, 'router_settings.drop_params', 'belongs to litellm_settings'],
    [{ general_settings: { master_key: 'x' } }, 'general_settings', 'read when the gateway starts'],
    [{ environment_variables: { A: 'b' } }, 'environment_variables', 'read when the gateway starts'],
    [{}, 'router_settings', 'Give router_settings'],
  ])('%j is refused by name', async (body, param, message) => {
    const { status, json } = await post('/config/update', body);
    expect(status).toBe(400);
    expect(json.error).toMatchObject({ param, message: expect.stringContaining(message) });
  });

  test('the fallbacks of a model are set, read and deleted', async () => {
    await post('/model/new', newModel({}, { model_name: 'other' }));
    expect((await post('/fallback', { model: 'sandbox/echo', fallback_models: ['other', 'sandbox/slow'] })).status).toBe(200);
    expect((await admin.call('/fallback/sandbox%2Fecho')).json).toMatchObject({ fallback_models: ['other', 'sandbox/slow'] });
    expect((await admin.call('/fallback/sandbox%2Fecho?fallback_type=context_window')).status).toBe(404);
    expect((await admin.call('/fallback/sandbox%2Fecho', { method: 'DELETE' })).status).toBe(200);
    expect((await admin.call('/fallback/sandbox%2Fecho', { method: 'DELETE' })).status).toBe(404);
  });

  test.each([
    [{ model: 'nobody', fallback_models: ['sandbox/slow'] }, 'model'],
    [{ model: 'sandbox/echo', fallback_models: ['nobody'] }, 'fallback_models[0]'],
    [{ model: 'sandbox/echo', fallback_models: ['sandbox/echo'] }, 'fallback_models'],
    [{ model: 'sandbox/echo', fallback_models: [] }, 'fallback_models'],
    [{ model: 'sandbox/echo', fallback_models: ['sandbox/slow'], fallback_type: 'other' }, 'fallback_type'],
  ])('%j names what is wrong with it', async (body, param) => {
    const { status, json } = await post('/fallback', body);
    expect(status).toBe(400);
    expect(json.error.param).toBe(param);
  });
});

describe('a virtual key', () => {
  test.each([
    ['POST', '/model/new', newModel()],
    ['POST', '/model/update', { model_info: { id: 'x' } }],
    ['PATCH', '/model/x/update', {}],
    ['POST', '/model/delete', { id: 'x' }],
    ['POST', '/model/block', { id: 'x' }],
    ['POST', '/model/unblock', { id: 'x' }],
    ['POST', '/config/update', { router_settings: {} }],
    ['GET', '/router/settings', undefined],
    ['POST', '/fallback', { model: 'sandbox/echo', fallback_models: ['sandbox/slow'] }],
    ['GET', '/fallback/x', undefined],
    ['DELETE', '/fallback/x', undefined],
  ])('may not %s %s', async (method, path, body) => {
    const { key } = (await post('/key/generate', {})).json;
    const answer = await admin.app.inject({
      method: method as 'GET',
      url: path,
      headers: { authorization: `Bearer ${key}` },
      ...(body === undefined ? {} : { payload: body }),
    });
    expect(answer.statusCode).toBe(403);
  });
});

describe("a team's own models", () => {
  let asAdmin: string;
  const inTeam = { model_info: { team_id: 'red' } };
  const own = { model: 'openai/gpt-4o', api_key: SECRET };

  beforeAll(async () => {
    await post('/user/new', { user_id: 'anna', user_role: 'internal_user', auto_create_key: false });
    await post('/team/new', { team_id: 'red', team_alias: 'Red', members_with_roles: [{ role: 'admin', user_id: 'anna' }] });
    await post('/team/new', { team_id: 'blue', team_alias: 'Blue' });
    asAdmin = (await post('/key/generate', { user_id: 'anna', team_id: 'red' })).json.key;
  });
  const asAnna = (path: string, body: unknown) => admin.call(path, { body, as: asAdmin });

  test('are made, changed and deleted by its admin', async () => {
    const made = await asAnna('/model/new', newModel(own, inTeam));
    expect(made.status).toBe(200);
    expect(made.json.model_info).toMatchObject({ team_id: 'red' });
    const { model_id: id } = made.json;
    await waitFor(() => published(id), { what: 'the record' });
    expect(published(id)).toMatchObject({ teamId: 'red' });
    expect((await asAnna('/model/update', { model_info: { id, mode: 'chat' } })).status).toBe(200);
    expect((await asAnna('/model/block', { id })).status).toBe(200);
    expect((await asAnna('/model/delete', { id })).status).toBe(200);
  });

  test('whoever changes their parameters gives the secrets again', async () => {
    const { model_id: id } = (await post('/model/new', newModel(own, inTeam))).json;
    const refused = await asAnna('/model/update', { model_info: { id }, litellm_params: { api_base: 'https://elsewhere.example.com' } });
    expect(refused.json.error).toMatchObject({ code: 'invalid_request', param: 'litellm_params.api_key' });
    const params = { api_base: 'https://elsewhere.example.com', api_key: 'sk-of-the-team' };
    expect((await asAnna('/model/update', { model_info: { id }, litellm_params: params })).status).toBe(200);
  });

  test("others', and those of everybody, are not theirs to touch", async () => {
    const shared = (await post('/model/new', newModel())).json.model_id;
    const ofBlue = (await post('/model/new', newModel(own, { model_info: { team_id: 'blue' } }))).json.model_id;
    expect((await asAnna('/model/new', newModel(own))).status).toBe(403);
    expect((await asAnna('/model/new', newModel(own, { model_info: { team_id: 'blue' } }))).status).toBe(403);
    for (const id of [shared, ofBlue]) {
      expect((await asAnna('/model/update', { model_info: { id, team_id: 'red' } })).status).toBe(403);
      expect((await asAnna('/model/delete', { id })).status).toBe(403);
      expect((await asAnna('/model/block', { id })).status).toBe(403);
    }
    const { model_id: mine } = (await asAnna('/model/new', newModel(own, inTeam))).json;
    expect((await asAnna('/model/update', { model_info: { id: mine, team_id: 'blue' } })).status).toBe(403);
    expect((await asAnna('/model/update', { model_info: { id: mine, team_id: null } })).status).toBe(403);
  });

  test('are for a team that there is', async () => {
    expect((await post('/model/new', newModel(own, { model_info: { team_id: 'nobody' } }))).json.error.param).toBe('model_info.team_id');
  });
});

test('every change is in the audit log, without secrets', async () => {
  await post('/model/new', newModel({ api_key: SECRET }, { model_info: { id: 'audited' } }));
  await post('/model/update', { model_info: { id: 'audited' }, litellm_params: { rpm: 7, api_key: `${SECRET}-changed` } });
  await post('/model/delete', { id: 'audited' });
  const { json } = await admin.call('/audit?object_id=audited&sort_order=asc');
  expect(json.audit_logs.map((entry: { action: string }) => entry.action)).toEqual(['created', 'updated', 'deleted']);
  expect(JSON.stringify(json)).not.toContain(SECRET);
  expect(JSON.stringify(json)).not.toContain('sealed:');
  expect(JSON.stringify(json.audit_logs[1])).toContain('"rpm":7');
});
