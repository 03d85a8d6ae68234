import { describe, expect, test } from 'vitest';
import { useAdmin } from './support/use-admin.ts';

const { admin, ok, post } = useAdmin({ now: '2026-03-04T15:30:00Z' });

const member = (id: string, user: string) => admin.scopesBucket.get({ kind: 'member', id: `${id}/${user}` });
/** A key of a user of this role, who is what `then` makes of it. */
const keyOf = async (user: string, role = 'internal_user') => (await ok('/user/new', { user_id: user, user_role: role })).key as string;

describe('members', () => {
  test('a member has limits of its own in the team, else those that the team sets for all', async () => {
    await ok('/team/new', { team_id: 't', team_member_budget: 10, team_member_budget_duration: '1d', team_member_rpm_limit: 5 });
    const added = await ok('/team/member_add', {
      team_id: 't',
      member: [
        { role: 'user', user_id: 'ada' },
        { role: 'admin', user_email: 'bob@example.com' },
      ],
    });
    expect(added.updated_users).toHaveLength(2);
    expect(added.members_with_roles.map((one: any) => one.role).toSorted()).toEqual(['admin', 'user']);
    expect((await member('t', 'ada'))?.limits).toMatchObject({ rpm: 5, budgets: [{ limitUsd: '10', period: '1d' }] });

    const changed = await ok('/team/member_update', {
      team_id: 't',
      user_id: 'ada',
      max_budget_in_team: 3,
      role: 'admin',
      allowed_models: ['m'],
    });
    expect(changed).toMatchObject({ user_id: 'ada', max_budget_in_team: 3, role: 'admin' });
    expect(await member('t', 'ada')).toMatchObject({ models: ['m'], limits: { rpm: 5, budgets: [{ limitUsd: '3' }] } });

    await ok('/team/update', { team_id: 't', team_member_budget: 20, team_member_rpm_limit: null });
    const bob = added.updated_users[1].user_id;
    expect((await member('t', bob))?.limits).toMatchObject({ budgets: [{ limitUsd: '20' }] });
    expect((await member('t', bob))?.limits?.rpm).toBeUndefined();
    expect((await member('t', 'ada'))?.limits?.budgets).toMatchObject([{ limitUsd: '3' }]);
  });

  test('who is taken out loses the keys for that team, and no others', async () => {
    await ok('/user/new', { user_id: 'ada', auto_create_key: false });
    await ok('/team/new', { team_id: 't', members: ['ada'] });
    const inTeam = await ok('/key/generate', { team_id: 't', user_id: 'ada' });
    const own = await ok('/key/generate', { user_id: 'ada' });
    const answer = await ok('/team/member_delete', { team_id: 't', user_id: 'ada' });
    expect(answer).toMatchObject({ members_with_roles: [], deleted_keys: [inTeam.token] });
    expect(await admin.bucket.get(inTeam.token)).toBeUndefined();
    expect(await admin.bucket.get(own.token)).toBeDefined();
    expect(await member('t', 'ada')).toBeUndefined();
  });

  test.each<[string, string, object, number, string]>([
    ['a second time', '/team/member_add', { member: { user_id: 'ada' } }, 409, 'user_id'],
    ['nobody', '/team/member_add', { member: {} }, 400, 'user_id'],
    ['with a negative budget', '/team/member_add', { member: { user_id: 'bob' }, max_budget_in_team: -1 }, 400, 'max_budget_in_team'],
    ['with a budget that is not there', '/team/member_add', { member: { user_id: 'bob' }, budget_id: 'x' }, 404, 'budget_id'],
    ['to a team that is not there', '/team/member_add', { team_id: 'x', member: { user_id: 'bob' } }, 404, 'team_id'],
    ['changed: no member', '/team/member_update', { user_id: 'zoe', role: 'admin' }, 404, 'user_id'],
    ['deleted: no member', '/team/member_delete', { user_email: 'zoe@example.com' }, 404, 'user_email'],
  ])('a member can not be added %s', async (_name, path, body, status, param) => {
    await ok('/team/new', { team_id: 't', members: ['ada'] });
    const answer = await post(path, { team_id: 't', ...body });
    expect(answer.json.error).toMatchObject({ param });
    expect(answer.status).toBe(status);
    expect((await admin.call('/user/list')).json.total).toBe(1);
  });

  test('many are added at once; members stay as they are', async () => {
    await ok('/team/new', { team_id: 't', admins: ['ada'] });
    const members = ['ada', 'bob', 'eve'].map((user_id) => ({ user_id, role: 'user' }));
    const answer = await ok('/team/bulk_member_add', { team_id: 't', members, max_budget_in_team: 2 });
    expect(answer).toMatchObject({ total_requested: 3, successful_additions: 2 });
    expect(answer.updated_team.admins).toEqual(['ada']);
    expect((await member('t', 'eve'))?.limits?.budgets).toMatchObject([{ limitUsd: '2' }]);
  });
});

describe('who may do what', () => {
  test("a team's administrator runs it, and can not give it more than it was given", async () => {
    const key = await keyOf('ada');
    await ok('/team/new', { team_id: 't', models: ['a', 'b'], max_budget: 5, admins: ['ada'] });
    await ok('/team/new', { team_id: 'other' });
    expect(await ok('/team/update', { team_id: 't', team_alias: 'Ours', models: ['a'] }, key)).toMatchObject({ data: { models: ['a'] } });
    await ok('/team/member_add', { team_id: 't', member: { user_id: 'bob', role: 'user' } }, key);
    const refused = async (path: string, body: object, param: string) =>
      expect(await post(path, body, key)).toMatchObject({ status: 403, json: { error: { code: 'route_access_denied', param } } });
    await refused('/team/update', { team_id: 't', max_budget: 500 }, 'max_budget');
    await refused('/team/update', { team_id: 't', model_max_budget: {} }, 'model_max_budget');
    await refused('/team/update', { team_id: 't', models: [] }, 'models');
    await refused('/team/model/add', { team_id: 't', models: ['expensive'] }, 'models');
    await refused('/team/update', { team_id: 'other', team_alias: 'Mine' }, 'team_id');
    await refused('/team/member_add', { team_id: 'other', member: { user_id: 'ada', role: 'admin' } }, 'team_id');
  });

  test('a member sees its team and no other, and changes none', async () => {
    const key = await keyOf('ada');
    await ok('/team/new', { team_id: 't', members: ['ada'] });
    await ok('/team/new', { team_id: 'other' });
    expect((await admin.call('/team/info?team_id=t', { as: key })).status).toBe(200);
    expect((await admin.call('/team/info?team_id=other', { as: key })).status).toBe(403);
    expect((await admin.call('/team/list', { as: key })).json.map((one: any) => one.team_id)).toEqual(['t']);
    expect((await admin.call('/team/t/members/me', { as: key })).json).toMatchObject({ user_id: 'ada', role: 'user' });
    expect((await post('/team/update', { team_id: 't', team_alias: 'Mine' }, key)).status).toBe(403);
  });

  test('every change is in the audit log, with who made it', async () => {
    await ok('/team/new', { team_id: 't', max_budget: 1 });
    await ok('/team/block', { team_id: 't' });
    await ok('/team/delete', { team_ids: ['t'] });
    const { audit_logs: entries } = (await admin.call('/audit?table_name=teams')).json;
    expect(entries.map((entry: any) => [entry.action, entry.object_id, entry.changed_by])).toEqual(
      ['deleted', 'blocked', 'created'].map((action) => [action, 't', 'master-key']),
    );
    expect(entries[1]).toMatchObject({ before_value: { blocked: false }, updated_values: { blocked: true } });
  });
});
