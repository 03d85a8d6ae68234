import { describe, expect, test } from 'vitest';
import { applyAttempts } from '#db';
import { attemptEvent } from './support/attempt-event.ts';
import { useAdmin } from './support/use-admin.ts';

const { admin, ok, post } = useAdmin();

const user = (id: string) => admin.scopesBucket.get({ kind: 'user', id });

describe('POST /user/new', () => {
  test('makes a user, its places and a key, in the shape LiteLLM clients read', async () => {
    await ok('/team/new', { team_id: 't' });
    await ok('/organization/new', { organization_id: 'o', organization_alias: 'O' });
    const json = await ok('/user/new', {
      user_id: 'ada',
      user_email: 'ada@example.com',
      user_alias: 'Ada',
      user_role: 'internal_user',
      teams: [{ team_id: 't', user_role: 'admin', max_budget_in_team: 3 }],
      organizations: ['o'],
      models: ['agent-planner'],
      max_budget: 50,
      budget_duration: '7d',
      key_alias: 'first',
    });
    expect(json).toMatchObject({
      user_id: 'ada',
      user_email: 'ada@example.com',
      user_alias: 'Ada',
      user_role: 'internal_user',
      teams: ['t'],
      models: ['agent-planner'],
      max_budget: 50,
      key: expect.stringMatching(/^sk-/),
      key_alias: 'first',
    });
    expect(await user('ada')).toMatchObject({ models: ['agent-planner'], organizationId: 'o', limits: { budgets: [{ limitUsd: '50' }] } });
    expect(await admin.bucket.get(json.token)).toMatchObject({ userId: 'ada' });
    expect(await admin.scopesBucket.get({ kind: 'member', id: 't/ada' })).toMatchObject({ limits: { budgets: [{ limitUsd: '3' }] } });
  });

  test('without a key where none is wanted, with an id where none was given', async () => {
    const json = await ok('/user/new', { auto_create_key: false });
    expect(json).toMatchObject({ user_id: expect.stringMatching(/^[0-9a-f-]{36}$/), key: '', token: null });
    expect((await admin.call('/key/list')).json.total_count).toBe(0);
  });

  test.each<[string, object, number, string | null]>([
    ['an id that is taken', { user_id: 'ada' }, 409, 'user_id'],
    ['an address that is taken', { user_email: 'ADA@example.com' }, 409, 'user_email'],
    ['a team that is not there', { teams: ['t', 'x'] }, 404, 'teams[1]'],
    ['an organization that is not there', { organizations: ['x'] }, 404, 'organizations[0]'],
    ['a role that is none', { user_role: 'boss' }, 400, 'user_role'],
    ['an address that is none', { user_email: 'ada' }, 400, 'user_email'],
    ['a negative budget', { max_budget: -5 }, 400, 'max_budget'],
    ['an alias of a key that is taken', { key_alias: 'taken' }, 409, 'key_alias'],
    ['what has no effect here', { guardrails: ['a'] }, 400, 'guardrails'],
  ])('refuses %s, and leaves nothing behind', async (_name, body, status, param) => {
    await ok('/team/new', { team_id: 't' });
    await ok('/user/new', { user_id: 'ada', user_email: 'ada@example.com', key_alias: 'taken' });
    const answer = await post('/user/new', body);
    expect(answer.json.error).toMatchObject({ param });
    expect(answer.status).toBe(status);
    expect((await admin.call('/user/list')).json.total).toBe(1);
    expect((await admin.call('/key/list')).json.total_count).toBe(1);
  });
});

describe('changing users', () => {
  test('by id or by address; null takes a limit away', async () => {
    await ok('/user/new', { user_id: 'ada', user_email: 'ada@example.com', max_budget: 5, rpm_limit: 3, auto_create_key: false });
    expect(await ok('/user/update', { user_id: 'ada', max_budget: 7, rpm_limit: null })).toMatchObject({
      user_id: 'ada',
      data: { max_budget: 7, rpm_limit: null, user_email: 'ada@example.com' },
    });
    await ok('/user/update', { user_email: 'ada@example.com', user_role: 'proxy_admin_viewer' });
    expect(await user('ada')).toMatchObject({ limits: { budgets: [{ limitUsd: '7' }] } });
    expect((await admin.call('/v2/user/info?user_id=ada')).json).toMatchObject({ user_role: 'proxy_admin_viewer' });
    expect(await post('/user/update', { user_id: 'zoe' })).toMatchObject({ status: 404, json: { error: { param: 'user_id' } } });
  });

  test('several at once: each is told how it went', async () => {
    await ok('/user/new', { user_id: 'ada', auto_create_key: false });
    const answer = await ok('/user/bulk_update', { users: [{ user_id: 'ada', max_budget: 1 }, { user_id: 'zoe' }] });
    expect(answer).toMatchObject({
      results: [
        { user_id: 'ada', success: true },
        { user_id: 'zoe', success: false, error: expect.stringMatching(/no user zoe/) },
      ],
      successful_updates: 1,
      failed_updates: 1,
    });
  });

  test('a blocked user is refused by admission, and its key by the management API', async () => {
    const { key } = await ok('/user/new', { user_id: 'ada', user_role: 'proxy_admin' });
    expect((await admin.call('/user/list', { as: key })).status).toBe(200);
    await ok('/user/block', { user_id: 'ada' });
    expect(await user('ada')).toMatchObject({ blocked: true });
    expect((await admin.call('/user/list', { as: key })).status).toBeGreaterThanOrEqual(401);
    await ok('/user/unblock', { user_id: 'ada' });
    expect((await user('ada'))?.blocked).toBeUndefined();
  });

  test('a user is deleted with its keys and its places; the answer is how many', async () => {
    await ok('/team/new', { team_id: 't' });
    const { token } = await ok('/user/new', { user_id: 'ada', user_email: 'ada@example.com', teams: ['t'] });
    expect(await post('/user/delete', { user_ids: ['ada', 'zoe'] })).toMatchObject({
      status: 404,
      json: { error: { param: 'user_ids[1]' } },
    });
    expect(await ok('/user/delete', { user_ids: ['ada'] })).toBe(1);
    expect(await admin.bucket.get(token)).toBeUndefined();
    expect(await user('ada')).toBeUndefined();
    expect((await admin.call('/team/info?team_id=t')).json.team_info.members_with_roles).toEqual([]);
    // neither id nor address is taken any more
    await ok('/user/new', { user_id: 'ada', user_email: 'ada@example.com', auto_create_key: false });
  });
});

describe('reading users', () => {
  test('info has spend, keys and teams', async () => {
    await ok('/team/new', { team_id: 't' });
    const { token } = await ok('/user/new', { user_id: 'ada', teams: ['t'] });
    await applyAttempts(admin.db, [attemptEvent({ by: { keyHash: token, userId: 'ada' } })]);
    expect((await admin.call('/user/info?user_id=ada')).json).toMatchObject({
      user_id: 'ada',
      user_info: { spend_usd: '0.00001275', teams: ['t'] },
      keys: [{ token }],
      teams: [{ team_id: 't' }],
    });
  });

  test('pages with filters', async () => {
    for (const id of ['ada', 'bob', 'eve']) {
      const user_role = id === 'eve' ? 'proxy_admin_viewer' : 'internal_user';
      await ok('/user/new', { user_id: id, user_email: `${id}@example.com`, user_role, auto_create_key: false });
    }
    const list = async (query: string) => (await admin.call(`/user/list?${query}`)).json;
    expect(await list('page=2&page_size=2&sort_by=user_id&sort_order=asc')).toMatchObject({
      users: [{ user_id: 'eve' }],
      total: 3,
      page: 2,
      page_size: 2,
      total_pages: 2,
    });
    expect((await list('role=proxy_admin_viewer')).users).toMatchObject([{ user_id: 'eve' }]);
    expect((await list('user_email=BOB')).users).toMatchObject([{ user_id: 'bob' }]);
    expect((await list('user_ids=ada,bob')).total).toBe(2);
    expect((await admin.call('/user/available_users')).json).toEqual({
      total_users: null,
      total_users_used: 3,
      total_users_remaining: null,
    });
  });

  test('a user sees itself and no other', async () => {
    const { key } = await ok('/user/new', { user_id: 'ada' });
    await ok('/user/new', { user_id: 'bob' });
    expect((await admin.call('/user/info', { as: key })).json).toMatchObject({ user_id: 'ada', user_info: { user_id: 'ada' } });
    expect((await admin.call('/user/info?user_id=bob', { as: key })).json.error).toMatchObject({
      code: 'route_access_denied',
      param: 'user_id',
    });
    expect((await admin.call('/user/list', { as: key })).status).toBe(403);
  });
});

describe('organizations', () => {
  test('are made, changed and shown with members and teams', async () => {
    const made = await ok('/organization/new', {
      organization_id: 'o',
      organization_alias: 'Research',
      max_budget: 100,
      budget_duration: '1mo',
    });
    expect(made).toMatchObject({ organization_id: 'o', organization_alias: 'Research', litellm_budget_table: { max_budget: 100 } });
    await ok('/team/new', { team_id: 't', organization_id: 'o' });
    await ok('/organization/member_add', { organization_id: 'o', member: { role: 'org_admin', user_id: 'ada' } });
    const { json } = await admin.call('/organization/update', {
      method: 'PATCH',
      body: { organization_id: 'o', models: ['m'], rpm_limit: 5 },
    });
    expect(json).toMatchObject({ models: ['m'], members: [{ user_id: 'ada', user_role: 'org_admin' }], teams: [{ team_id: 't' }] });
    expect(await admin.scopesBucket.get({ kind: 'organization', id: 'o' })).toMatchObject({
      models: ['m'],
      limits: { rpm: 5, budgets: [{ limitUsd: '100', period: '1mo' }] },
    });
    expect(await admin.scopesBucket.get({ kind: 'team', id: 't' })).toMatchObject({ organizationId: 'o' });
    expect((await admin.call('/organization/list')).json).toMatchObject([{ organization_id: 'o' }]);
    expect((await ok('/organization/info', { organizations: ['o'] }))[0]).toMatchObject({ organization_id: 'o' });
  });

  test('one is deleted with its teams and the keys of both; its users stay', async () => {
    await ok('/organization/new', { organization_id: 'o', organization_alias: 'O' });
    await ok('/team/new', { team_id: 't', organization_id: 'o' });
    await ok('/user/new', { user_id: 'ada', organizations: ['o'], auto_create_key: false });
    const { token } = await ok('/key/generate', { team_id: 't' });
    const { json } = await admin.call('/organization/delete', { method: 'DELETE', body: { organization_ids: ['o'] } });
    expect(json).toMatchObject([{ organization_id: 'o' }]);
    expect(await admin.bucket.get(token)).toBeUndefined();
    expect(await admin.scopesBucket.get({ kind: 'team', id: 't' })).toBeUndefined();
    expect(await admin.scopesBucket.get({ kind: 'organization', id: 'o' })).toBeUndefined();
    expect((await user('ada'))?.organizationId).toBeUndefined();
  });

  test.each<[string, 'POST' | 'PATCH' | 'DELETE', string, object, number, string]>([
    ['no name', 'POST', 'new', { organization_id: 'p' }, 400, 'organization_alias'],
    ['an id that is taken', 'POST', 'new', { organization_id: 'o', organization_alias: 'O' }, 409, 'organization_id'],
    ['a budget that is not there', 'POST', 'new', { organization_alias: 'P', budget_id: 'x' }, 404, 'budget_id'],
    ['a negative budget', 'POST', 'new', { organization_alias: 'P', max_budget: -1 }, 400, 'max_budget'],
    ['an unknown one', 'PATCH', 'update', { organization_id: 'x' }, 404, 'organization_id'],
    ['an unknown one of several', 'DELETE', 'delete', { organization_ids: ['o', 'x'] }, 404, 'organization_ids[1]'],
    ['a member twice', 'POST', 'member_add', { organization_id: 'o', member: { user_id: 'ada' } }, 409, 'user_id'],
    ['a role that is none', 'POST', 'member_add', { organization_id: 'o', member: { user_id: 'b', role: 'boss' } }, 400, 'member.role'],
    ['no member', 'PATCH', 'member_update', { organization_id: 'o', user_id: 'zoe', role: 'org_admin' }, 404, 'user_id'],
  ])('refuses %s', async (_name, method, path, body, status, param) => {
    await ok('/organization/new', { organization_id: 'o', organization_alias: 'O' });
    await ok('/organization/member_add', { organization_id: 'o', member: { user_id: 'ada' } });
    const answer = await admin.call(`/organization/${path}`, { method: method === 'POST' ? undefined : method, body });
    expect(answer.json.error).toMatchObject({ param });
    expect(answer.status).toBe(status);
  });

  test('whoever administers one makes teams and users in it, and gives neither it nor itself more', async () => {
    await ok('/organization/new', { organization_id: 'o', organization_alias: 'O', max_budget: 10 });
    await ok('/organization/new', { organization_id: 'other', organization_alias: 'Other' });
    const { key } = await ok('/user/new', { user_id: 'ada' });
    await ok('/organization/member_add', { organization_id: 'o', member: { role: 'org_admin', user_id: 'ada' } });
    await ok('/team/new', { team_id: 't', organization_id: 'o' }, key);
    await ok('/user/new', { user_id: 'bob', organizations: ['o'], auto_create_key: false }, key);
    const refused = async (path: string, body: object, param: string) =>
      expect(await post(path, body, key)).toMatchObject({ status: 403, json: { error: { param } } });
    await refused('/organization/update', { organization_id: 'o', max_budget: 1_000 }, 'max_budget');
    await refused('/organization/update', { organization_id: 'other', organization_alias: 'Mine' }, 'organization_id');
    await refused('/user/new', { user_id: 'eve', user_role: 'proxy_admin', organizations: ['o'] }, 'user_role');
    await refused('/user/new', { user_id: 'eve', organizations: ['other'] }, 'organizations[0]');
    await refused('/team/new', { team_id: 'u', organization_id: 'other' }, 'organization_id');
    expect((await admin.call('/organization/list', { as: key })).json.map((one: any) => one.organization_id)).toEqual(['o']);
  });
});
