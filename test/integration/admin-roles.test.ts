import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ROLES, type Role } from '../../services/admin/auth/caller.ts';
import { ROUTE_POLICY } from '../../services/admin/auth/route-policy.ts';
import { type AdminUnderTest, MASTER_KEY, startAdmin } from './support/admin.ts';

let admin: AdminUnderTest;
/** A key for each of the roles; the master key is `undefined`. */
const keys: Record<string, string | undefined> = { master: undefined };

const post = (path: string, body: object, as?: string) => admin.call(path, { body, as });
const made = async (path: string, body: object) => {
  const { status, json } = await post(path, body);
  if (status !== 200) throw new Error(`${path}: ${status} ${JSON.stringify(json)}`);
  return json;
};
const keyOf = async (body: object): Promise<string> => (await made('/key/generate', body)).key;
const user = (userId: string, role: string) => made('/user/new', { user_id: userId, user_role: role, auto_create_key: false });

beforeAll(async () => {
  admin = await startAdmin();
  await made('/organization/new', { organization_id: 'org', organization_alias: 'org' });
  await made('/organization/new', { organization_id: 'other-org', organization_alias: 'other-org' });
  await made('/team/new', { team_id: 'team', organization_id: 'org' });
  await made('/team/new', { team_id: 'other-team' });
  for (const role of ['proxy_admin', 'proxy_admin_viewer', 'internal_user', 'internal_user_viewer']) {
    await user(role, role);
    keys[role] = await keyOf({ user_id: role });
  }
  for (const name of ['org_admin', 'team_admin', 'team_member']) await user(name, 'internal_user');
  await made('/organization/member_add', { organization_id: 'org', member: { role: 'org_admin', user_id: 'org_admin' } });
  await made('/team/member_add', { team_id: 'team', member: { role: 'admin', user_id: 'team_admin' } });
  await made('/team/member_add', { team_id: 'team', member: { role: 'user', user_id: 'team_member' } });
  for (const name of ['org_admin', 'team_admin', 'team_member']) keys[name] = await keyOf({ user_id: name });
  keys['key_holder'] = await keyOf({});
}, 60_000);
afterAll(() => admin?.remove());

/** What each of the keys above stands for. */
const STANDS_FOR: Readonly<Record<string, readonly Role[]>> = {
  master: ['proxy_admin'],
  proxy_admin: ['proxy_admin', 'key_holder'],
  proxy_admin_viewer: ['proxy_admin_viewer', 'key_holder'],
  org_admin: ['org_admin', 'internal_user', 'key_holder'],
  team_admin: ['team_admin', 'team_member', 'internal_user', 'key_holder'],
  team_member: ['team_member', 'internal_user', 'key_holder'],
  internal_user: ['internal_user', 'key_holder'],
  internal_user_viewer: ['internal_user_viewer', 'key_holder'],
  key_holder: ['key_holder'],
};

const NEW_TEAM = 'POST /team/new';

describe('every management route', () => {
  test('is for the roles that the table names, and refused to all others', async () => {
    const wrong: string[] = [];
    // whoever makes a team administers it: last, so that everybody is until then what the keys were made for
    const routes = Object.entries(ROUTE_POLICY).toSorted(([one], [other]) => Number(one === NEW_TEAM) - Number(other === NEW_TEAM));
    for (const [route, allowed] of routes) {
      const [method = '', path = ''] = route.split(' ');
      const url = path.replaceAll(/:\w+/g, 'nothing');
      const answers = Object.entries(STANDS_FOR).map(async ([who, roles]) => {
        const headers = { authorization: `Bearer ${keys[who] ?? MASTER_KEY}` };
        // a body that says nothing: whoever comes in is told so
        const response = await admin.app.inject({ method: method as 'POST', url, headers, ...(method === 'GET' ? {} : { payload: {} }) });
        const isRefused = response.statusCode === 403 && response.body.includes(`${method} ${path} is for`);
        const isAllowed = roles.some((role) => allowed.includes(role));
        if (isRefused === isAllowed) wrong.push(`${route} for ${who}: ${response.statusCode}`);
      });
      await Promise.all(answers);
    }
    expect(wrong).toEqual([]);
    expect(ROLES.every((role) => Object.values(STANDS_FOR).some((roles) => roles.includes(role)))).toBe(true);
  }, 120_000);

  test.each(['/key/list', '/team/list', '/audit', '/spend/logs', '/model/new'])('%s asks for a key', async (url) => {
    const method = url === '/model/new' ? 'POST' : 'GET';
    expect((await admin.app.inject({ method, url, ...(method === 'POST' ? { payload: {} } : {}) })).statusCode).toBe(401);
  });
});

describe('behind the door', () => {
  const refused = { status: 403, json: { error: { code: 'route_access_denied' } } };

  test.each([
    ['an internal user', 'internal_user', {}, 200],
    ['an internal user for another', 'internal_user', { user_id: 'team_member' }, 403],
    ['an internal user for a team that is not its own', 'internal_user', { team_id: 'other-team' }, 400],
    ['an internal user for an organization', 'internal_user', { organization_id: 'org' }, 403],
    ['a viewer', 'internal_user_viewer', {}, 403],
    ['a member for its team, which does not let its members', 'team_member', { team_id: 'team' }, 403],
    ['a team’s admin for a member', 'team_admin', { team_id: 'team', user_id: 'team_member' }, 200],
    ['a team’s admin for somebody who is no member', 'team_admin', { team_id: 'team', user_id: 'internal_user' }, 400],
    ['a team’s admin for another team', 'team_admin', { team_id: 'other-team', user_id: 'stranger' }, 403],
    ['an organization’s admin for a team of it', 'org_admin', { team_id: 'team', user_id: 'team_member' }, 200],
    ['an organization’s admin for its organization', 'org_admin', { organization_id: 'org', user_id: 'stranger' }, 200],
    ['an organization’s admin for another’s', 'org_admin', { organization_id: 'other-org', user_id: 'org_admin' }, 403],
    ['the administrator with a team that is not of that organization', 'master', { team_id: 'other-team', organization_id: 'org' }, 400],
    ['the administrator for a user who is not in that team', 'master', { team_id: 'team', user_id: 'internal_user' }, 400],
  ])('%s makes a key: %s %j', async (_name, who, body, status) => {
    expect((await post('/key/generate', body, keys[who])).status).toBe(status);
  });

  test('whoever makes a key without saying for whom makes it for himself', async () => {
    expect((await post('/key/generate', {}, keys['internal_user'])).json).toMatchObject({
      user_id: 'internal_user',
      created_by: 'internal_user',
    });
  });

  test('members make keys for their team where it lets them', async () => {
    await made('/team/permissions_update', { team_id: 'team', team_member_permissions: ['/key/generate', '/key/delete'] });
    const mine = (await post('/key/generate', { team_id: 'team' }, keys['team_member'])).json;
    expect(mine).toMatchObject({ team_id: 'team', user_id: 'team_member' });
    expect(await post('/key/update', { key: mine.token, rpm_limit: 5 }, keys['team_member'])).toMatchObject(refused);
    expect((await post('/key/delete', { keys: [mine.token] }, keys['team_member'])).status).toBe(200);
    await made('/team/permissions_update', { team_id: 'team', team_member_permissions: [] });
  });

  test('a user changes what the user has made, and not what was given to the user', async () => {
    const mine = (await post('/key/generate', { max_budget: 1 }, keys['internal_user'])).json.token;
    const given = (await made('/key/generate', { user_id: 'internal_user', max_budget: 1 })).token;
    expect((await post('/key/update', { key: mine, max_budget: 2 }, keys['internal_user'])).status).toBe(200);
    const raised = await post('/key/update', { key: given, max_budget: 100 }, keys['internal_user']);
    expect(raised).toMatchObject({ ...refused, json: { error: { param: 'max_budget' } } });
    for (const field of [{ budget_id: 'x' }, { duration: '-1' }, { allowed_routes: [] }, { team_id: null }, { models: [] }]) {
      expect(await post('/key/update', { key: given, ...field }, keys['internal_user'])).toMatchObject(refused);
      expect(await post('/key/regenerate', { key: given, ...field }, keys['internal_user'])).toMatchObject(refused);
    }
    expect((await post('/key/update', { key: given, key_alias: 'mine' }, keys['internal_user'])).status).toBe(200);
    await made('/key/block', { key: given });
    expect(await post('/key/unblock', { key: given }, keys['internal_user'])).toMatchObject(refused);
    expect(await post('/key/update', { key: given, blocked: false }, keys['internal_user'])).toMatchObject(refused);
    expect(await post('/key/update', { key: given, blocked: null }, keys['internal_user'])).toMatchObject(refused);
  });

  test.each(['/key/update', '/key/delete', '/key/block', '/key/regenerate'])('%s of somebody else’s key is refused', async (path) => {
    const token = (await made('/key/generate', { user_id: 'proxy_admin' })).token;
    const body = path === '/key/delete' ? { keys: [token] } : { key: token };
    for (const who of ['internal_user', 'team_member', 'team_admin', 'org_admin']) {
      expect(await post(path, body, keys[who]), who).toMatchObject(refused);
    }
    expect(await admin.bucket.get(token)).toMatchObject({ blocked: false });
  });

  test('everybody sees the own keys, admins those of what they administer, and nobody learns which others there are', async () => {
    const ofTeam = (await made('/key/generate', { team_id: 'team', user_id: 'team_member' })).token;
    const status = async (who: string, key: string) => (await admin.call(`/key/info?key=${key}`, { as: keys[who] })).status;
    const seen = await Promise.all(
      ['master', 'proxy_admin_viewer', 'org_admin', 'team_admin', 'team_member', 'internal_user', 'key_holder'].map((who) =>
        status(who, ofTeam),
      ),
    );
    expect(seen).toEqual([200, 200, 200, 200, 200, 403, 403]);
    expect([await status('master', 'sk-nobody'), await status('internal_user', 'sk-nobody')]).toEqual([404, 403]);
    const list = async (who: string, query = '') => (await admin.call(`/key/list?size=100${query}`, { as: keys[who] })).json.keys;
    expect(await list('internal_user')).not.toContain(ofTeam);
    expect(await list('team_admin')).not.toContain(ofTeam);
    for (const who of ['team_admin', 'org_admin']) expect(await list(who, '&team_id=team')).toContain(ofTeam);
    expect(await list('team_admin', '&include_team_keys=true')).toContain(ofTeam);
    expect(await list('internal_user', '&team_id=team')).toEqual([]);
  });

  test('a key’s list of routes counts here too, whatever its user may', async () => {
    const narrow = await keyOf({ user_id: 'proxy_admin', key_type: 'llm_api' });
    expect(await post('/key/generate', {}, narrow)).toMatchObject(refused);
    expect((await admin.call('/key/info', { as: narrow })).status).toBe(403);
    const reading = await keyOf({ user_id: 'proxy_admin', key_type: 'read_only' });
    expect((await admin.call('/key/list', { as: reading })).status).toBe(200);
    expect(await post('/key/generate', {}, reading)).toMatchObject(refused);
    const managing = await keyOf({ user_id: 'proxy_admin', allowed_routes: ['/key/*'] });
    expect((await post('/key/generate', {}, managing)).status).toBe(200);
    expect(await post('/team/new', {}, managing)).toMatchObject(refused);
  });

  test('all routes in a key give no more than its user may', async () => {
    const mine = (await post('/key/generate', { allowed_routes: ['/*'] }, keys['internal_user'])).json.key;
    expect(await post('/config/update', { router_settings: { num_retries: 1 } }, mine)).toMatchObject(refused);
    expect(await post('/user/new', { user_role: 'proxy_admin' }, mine)).toMatchObject(refused);
  });

  test.each([
    ['org_admin', { organizations: ['org'] }],
    ['org_admin', {}],
    ['team_admin', {}],
    ['internal_user', {}],
  ])('%s makes nobody an administrator of the gateway (%j)', async (who, more) => {
    const { status } = await post('/user/new', { user_id: `new-${who}`, user_role: 'proxy_admin', ...more }, keys[who]);
    expect(status).toBe(403);
  });

  test('rights end with the role, the membership or the user', async () => {
    await user('leaving', 'internal_user');
    await made('/team/member_add', { team_id: 'team', member: { role: 'admin', user_id: 'leaving' } });
    const key = await keyOf({ user_id: 'leaving' });
    const may = async () => (await post('/key/generate', { team_id: 'team', user_id: 'team_member' }, key)).status;
    expect(await may()).toBe(200);
    await made('/team/member_delete', { team_id: 'team', user_id: 'leaving' });
    expect(await may()).toBe(403);
  });
});

test('no answer about keys has a secret, and none but /key/generate and rotation has the key itself', async () => {
  const { key, token } = await made('/key/generate', { user_id: 'internal_user' });
  const { key: next } = await made('/key/regenerate', { key, grace_period: '1h' });
  const answers = await Promise.all(
    [
      `/key/info?key=${token}`,
      '/key/list?return_full_object=true&size=100',
      '/user/info?user_id=internal_user',
      '/audit?page_size=100',
    ].map((path) => admin.call(path)),
  );
  const text = JSON.stringify(answers);
  for (const secret of [key, next]) expect(text).not.toContain(secret);
});
