import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openConfigBucket } from '#bus';
import type { ConfigRecord } from '#contracts';
import { waitFor } from '#testing';
import { type AdminUnderTest, startAdmin } from './support/admin.ts';

const SECRET = 'sk-upstream-0123456789';
const NEXT_SECRET = 'sk-upstream-9876543210';
let admin: AdminUnderTest;
let records: ReadonlyMap<string, ConfigRecord>;
let unwatch: () => void;

beforeAll(async () => {
  admin = await startAdmin();
  unwatch = await (await openConfigBucket(admin.bus)).watch((all) => (records = all));
}, 30_000);
afterAll(async () => {
  unwatch?.();
  await admin?.remove();
});
beforeEach(async () => {
  for (const { credential_name: name } of (await admin.call('/credentials')).json.credentials) await removed(name);
});

const post = (path: string, body: unknown, as?: string) => admin.call(path, { body, as });
const removed = (name: string) => admin.call(`/credentials/${encodeURIComponent(name)}`, { method: 'DELETE' });
const patch = (name: string, body: unknown) => admin.call(`/credentials/${name}`, { method: 'PATCH', body });
const made = (values: object, name = 'account') =>
  post('/credentials', { credential_name: name, credential_values: values, credential_info: {} });
const published = (name: string) => [...records.values()].find((record) => record.kind === 'credential' && record.name === name);
const byName = async (name: string) => (await admin.call(`/credentials/by_name/${name}`)).json;

describe('a credential', () => {
  test('is stored with its secrets sealed, and shown without them in every answer and in the audit log', async () => {
    const answer = await made({ api_key: SECRET, api_base: 'https://models.example.test/v1' });
    expect(answer).toMatchObject({ status: 200, json: { success: true } });
    const { rows } = await admin.db.pool.query('select credentials::text as row from credentials where deleted_at is null');
    expect(rows).toEqual([{ row: expect.stringMatching(/sealed:v1:/) }]);
    const record = await waitFor(() => published('account'), { what: 'the record' });
    expect(record).toMatchObject({ values: { api_key: expect.stringMatching(/^sealed:v1:/), api_base: 'https://models.example.test/v1' } });

    const shown = { credential_name: 'account', credential_values: { api_key: '********', api_base: 'https://models.example.test/v1' } };
    const list = (await admin.call('/credentials')).json;
    expect(list).toEqual({ success: true, credentials: [{ ...shown, credential_info: {} }] });
    expect(await byName('account')).toMatchObject(shown);
    const audit = (await admin.call('/audit?object_id=account')).json;
    const texts = JSON.stringify([answer, list, audit, rows, record]);
    expect(JSON.stringify(audit)).toContain('credentials');
    expect(texts).not.toContain(SECRET);
    expect(JSON.stringify([list, audit])).not.toContain('sealed:');
  });

  test('changes field by field, null takes one out, and what is not named stays', async () => {
    await made({ api_key: SECRET, api_base: 'https://one.example.test', api_version: '1' });
    const before = JSON.stringify(published('account'));
    const change = { credential_values: { api_base: 'https://two.example.test', api_version: null }, credential_info: { owner: 'us' } };
    expect((await patch('account', change)).json).toMatchObject({ success: true });
    expect(await byName('account')).toEqual({
      credential_name: 'account',
      credential_values: { api_key: '********', api_base: 'https://two.example.test' },
      credential_info: { owner: 'us' },
    });
    expect(JSON.stringify(published('account'))).not.toBe(before);
  });

  test('is made of a stored model’s account', async () => {
    await post('/model/new', {
      model_name: 'donor',
      litellm_params: { model: 'azure/gpt-4o', api_key: SECRET, api_base: 'https://donor.example.test', api_version: '2024-10-21', rpm: 5 },
      model_info: { id: 'donor' },
    });
    expect((await post('/credentials', { credential_name: 'of-donor', credential_info: {}, model_id: 'donor' })).status).toBe(200);
    expect((await byName('of-donor')).credential_values).toEqual({
      api_key: '********',
      api_base: 'https://donor.example.test',
      api_version: '2024-10-21',
    });
  });

  test('that models name is not deleted, and one that nobody names is gone everywhere', async () => {
    await made({ api_key: SECRET });
    const model = {
      model_name: 'fast',
      litellm_params: { model: 'openai/gpt-4o', litellm_credential_name: 'account' },
      model_info: { id: 'user-1' },
    };
    expect((await post('/model/new', model)).json).toMatchObject({ litellm_params: { litellm_credential_name: 'account' } });
    const refused = await removed('account');
    expect(refused).toMatchObject({ status: 409, json: { error: { message: expect.stringContaining('user-1') } } });
    await post('/model/delete', { id: 'user-1' });
    expect((await removed('account')).json).toMatchObject({ success: true });
    await waitFor(() => published('account') === undefined, { what: 'the record to be gone' });
    expect((await admin.call('/credentials/by_name/account')).status).toBe(404);
    const { rows } = await admin.db.pool.query(`select values from credentials where name = 'account'`);
    expect(rows).toEqual([{ values: {} }]);
  });

  test.each([
    ['a name that is taken', { credential_name: 'account', credential_values: { api_key: 'x' } }, 409, 'credential_name'],
    ['no values', { credential_name: 'b' }, 400, 'credential_values'],
    ['an address that is none', { credential_name: 'b', credential_values: { api_base: 'nowhere' } }, 400, 'credential_values.api_base'],
    ['a misspelt value', { credential_name: 'b', credential_values: { api_keyy: 'x' } }, 400, 'credential_values.api_keyy'],
    ['a model among the values', { credential_name: 'b', credential_values: { model: 'x' } }, 400, 'credential_values'],
    ['what pretends to be sealed', { credential_name: 'b', credential_values: { api_key: 'sealed:v1:x:y' } }, 400, 'credential_values'],
    ['a model that is not there', { credential_name: 'b', model_id: 'nobody' }, 404, 'model_id'],
    ['values and a model', { credential_name: 'b', model_id: 'a', credential_values: { api_key: 'x' } }, 400, 'model_id'],
  ])('%s is refused with the field', async (_name, body, status, param) => {
    await made({ api_key: SECRET });
    const answer = await post('/credentials', { credential_info: {}, ...body });
    expect(answer).toMatchObject({ status, json: { error: { param } } });
    expect((await admin.call('/credentials')).json.credentials).toHaveLength(1);
  });

  test('a model that names one that is not there is refused', async () => {
    const model = { model_name: 'fast', litellm_params: { model: 'openai/gpt-4o', litellm_credential_name: 'nobody' } };
    const param = 'litellm_params.litellm_credential_name';
    expect(await post('/model/new', model)).toMatchObject({ status: 400, json: { error: { param } } });
  });

  test('is not for the models of teams: their admins could send it anywhere', async () => {
    await made({ api_key: SECRET });
    await post('/user/new', { user_id: 'lead', user_role: 'internal_user', auto_create_key: false });
    await post('/team/new', { team_id: 'team' });
    await post('/team/member_add', { team_id: 'team', member: { role: 'admin', user_id: 'lead' } });
    const { key } = (await post('/key/generate', { user_id: 'lead' })).json;
    const litellm_params = { model: 'openai/gpt-4o', litellm_credential_name: 'account', api_base: 'https://elsewhere.example.test' };
    const answer = await post('/model/new', { model_name: 'leak', litellm_params, model_info: { team_id: 'team' } }, key);
    expect(answer).toMatchObject({ status: 400, json: { error: { param: 'litellm_params.litellm_credential_name' } } });
    // nor by a change of what an administrator has made for the team
    await post('/model/new', {
      model_name: 'own',
      litellm_params: { ...litellm_params, api_base: undefined },
      model_info: { id: 'own', team_id: 'team' },
    });
    const change = { model_info: { id: 'own' }, litellm_params: { api_base: 'https://elsewhere.example.test', api_key: NEXT_SECRET } };
    expect((await post('/model/update', change, key)).status).toBe(400);
    await post('/model/delete', { id: 'own' });
  });
});

describe('access groups', () => {
  beforeAll(async () => {
    for (const [id, model] of [
      ['a-1', 'planner'],
      ['a-2', 'planner'],
      ['b-1', 'executor'],
    ]) {
      await post('/model/new', { model_name: model, litellm_params: { model: 'openai/gpt-4o', api_key: SECRET }, model_info: { id } });
    }
  });

  /** The groups a gateway knows the model to be in, as JSON; undefined before it knows the model. */
  const groupsOf = (id: string): string | undefined => {
    const record = [...records.values()].find((one) => one.kind === 'model' && one.id === id);
    return record?.kind === 'model' ? JSON.stringify(record.modelInfo['access_groups'] ?? []) : undefined;
  };
  const update = (group: string, body: unknown) => admin.call(`/access_group/${group}/update`, { method: 'PUT', body });

  test('are made of all deployments of models, shown, changed and deleted, and every gateway has them', async () => {
    expect((await post('/access_group/new', { access_group: 'agents', model_names: ['planner'] })).json).toEqual({
      access_group: 'agents',
      model_names: ['planner'],
      model_ids: ['a-1', 'a-2'],
      models_updated: 2,
    });
    await waitFor(() => groupsOf('a-2') === '["agents"]', { what: 'the group in the bucket' });
    const info = { access_group: 'agents', model_names: ['planner'], deployment_count: 2 };
    expect((await admin.call('/access_group/list')).json).toEqual({ access_groups: [info] });
    expect((await admin.call('/access_group/agents/info')).json).toEqual(info);

    expect((await update('agents', { model_ids: ['b-1', 'a-1'] })).json).toMatchObject({ models_updated: 2 });
    await waitFor(() => groupsOf('b-1') === '["agents"]' && groupsOf('a-2') === '[]', { what: 'the change in the bucket' });
    const gone = await admin.call('/access_group/agents/delete', { method: 'DELETE' });
    expect(gone.json).toMatchObject({ access_group: 'agents', models_updated: 2 });
    expect((await admin.call('/access_group/agents/info')).status).toBe(404);
    await waitFor(() => groupsOf('b-1') === '[]', { what: 'the deletion in the bucket' });
    expect((await admin.call('/audit?object_id=b-1')).json.audit_logs.length).toBeGreaterThanOrEqual(3);
  });

  test.each([
    ['no models', { access_group: 'g' }, 400, 'model_names'],
    ['a model that is not there', { access_group: 'g', model_names: ['planner', 'nobody'] }, 404, 'model_names[1]'],
    ['a deployment that is not there', { access_group: 'g', model_ids: ['nobody'] }, 404, 'model_ids[0]'],
    ['a model of the file', { access_group: 'g', model_names: ['sandbox/*'] }, 409, 'model_names[0]'],
    ['no name', { model_names: ['planner'] }, 400, 'access_group'],
    ['a group that is there', { access_group: 'there', model_names: ['planner'] }, 409, 'access_group'],
  ])('%s is refused with the field, and changes nothing', async (_name, body, status, param) => {
    await post('/access_group/new', { access_group: 'there', model_names: ['executor'] });
    expect(await post('/access_group/new', body)).toMatchObject({ status, json: { error: { param } } });
    expect((await admin.call('/access_group/list')).json.access_groups).toMatchObject([{ access_group: 'there', deployment_count: 1 }]);
  });
});
