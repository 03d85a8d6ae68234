import { describe, expect, test } from 'vitest';
import { applyAttempts } from '#db';
import { attemptEvent } from './support/attempt-event.ts';
import { useAdmin } from './support/use-admin.ts';

const { admin, clock, ok, post } = useAdmin({ now: '2026-03-04T15:30:00Z' });

const team = (id: string) => admin.scopesBucket.get({ kind: 'team', id });
const member = (id: string, user: string) => admin.scopesBucket.get({ kind: 'member', id: `${id}/${user}` });

describe('POST /team/new', () => {
  test('answers in the shape LiteLLM clients read, and admission has its limits at once', async () => {
    const json = await ok('/team/new', {
      team_id: 'coders',
      team_alias: 'Coders',
      models: ['agent-planner'],
      model_aliases: { fast: 'agent-executor' },
      metadata: { floor: 3 },
      tags: ['internal'],
      max_budget: 100,
      budget_duration: '1mo',
      soft_budget: 80,
      budget_limits: [{ budget_duration: '1d', max_budget: 5 }],
      tpm_limit: 10_000,
      rpm_limit: 60,
      model_rpm_limit: { 'agent-planner': 6 },
      members_with_roles: [{ role: 'admin', user_id: 'ada' }],
      guardrails: [],
      object_permission: null,
    });
    expect(json).toMatchObject({
      team_id: 'coders',
      team_alias: 'Coders',
      models: ['agent-planner'],
      members_with_roles: [{ role: 'admin', user_id: 'ada', user_email: null }],
      admins: ['ada'],
      max_budget: 100,
      soft_budget: 80,
      budget_duration: '1mo',
      budget_reset_at: '2026-04-01T00:00:00.000Z',
      budget_limits: [{ budget_duration: '1d', max_budget: 5, reset_at: '2026-03-05T00:00:00.000Z' }],
      tpm_limit: 10_000,
      rpm_limit: 60,
      max_parallel_requests: null,
      spend: 0,
      blocked: false,
    });
    const startsAt = clock.now().getTime();
    expect(await team('coders')).toEqual({
      v: 1,
      kind: 'team',
      id: 'coders',
      alias: 'Coders',
      models: ['agent-planner'],
      aliases: { fast: 'agent-executor' },
      tags: ['internal'],
      limits: {
        rpm: 60,
        tpm: 10_000,
        budgets: [
          { id: 'budget', limitUsd: '100', softUsd: '80', period: '1mo', reset: 'calendar', startsAt },
          { id: '1d', limitUsd: '5', period: '1d', reset: 'calendar', startsAt },
        ],
        models: { 'agent-planner': { rpm: 6 } },
      },
    });
    expect(await member('coders', 'ada')).toMatchObject({ kind: 'member', id: 'coders/ada' });
    expect(await admin.scopesBucket.get({ kind: 'user', id: 'ada' })).toMatchObject({ id: 'ada' });
  });

  test.each<[string, object, number, string, string | null, RegExp]>([
    ['a negative budget', { max_budget: -1 }, 400, 'invalid_request', 'max_budget', /negative/],
    ['an absurd budget', { max_budget: 1e15 }, 400, 'invalid_request', 'max_budget', /more than/],
    ['a budget in words', { max_budget: 'five' }, 400, 'invalid_request', 'max_budget', /US dollars/],
    ['a wrong length', { max_budget: 1, budget_duration: 'daily' }, 400, 'invalid_request', 'budget_duration', /1mo/],
    ['a limit below zero', { rpm_limit: -1 }, 400, 'invalid_request', 'rpm_limit', /0 or more/],
    [
      'a negative budget of members',
      { team_member_budget: -1 },
      400,
      'invalid_request',
      'team_member_budget',
      /^team_member_budget.*negative/,
    ],
    ['an organization that is not there', { organization_id: 'x' }, 404, 'route_not_found', 'organization_id', /no organization x/],
    ['an id with a slash', { team_id: 'a/b' }, 400, 'invalid_request', 'team_id', /slash|\//],
    [
      'a role that is none',
      { members_with_roles: [{ role: 'boss', user_id: 'a' }] },
      400,
      'invalid_request',
      'members_with_roles[0].role',
      /admin/,
    ],
    ['a typing error', { max_buget: 5 }, 400, 'invalid_request', 'max_buget', /Did you mean max_budget/],
    ['what has no effect here', { policies: ['pii'] }, 400, 'unsupported_parameter', 'policies', /not enforced/],
    ['text that can not be stored', { metadata: { a: '\0' } }, 400, 'invalid_request', null, /can not be stored/],
  ])('refuses %s and makes nothing', async (_name, body, status, code, param, message) => {
    const answer = await post('/team/new', body);
    expect(answer.json.error).toMatchObject({ code, param, message: expect.stringMatching(message) });
    expect(answer.status).toBe(status);
    expect((await admin.db.pool.query('select from scopes')).rowCount).toBe(0);
  });

  test('an id is taken once, and free again when its team was deleted', async () => {
    await ok('/team/new', { team_id: 't' });
    expect(await post('/team/new', { team_id: 't' })).toMatchObject({ status: 409, json: { error: { param: 'team_id' } } });
    await ok('/team/delete', { team_ids: ['t'] });
    expect(await ok('/team/new', { team_id: 't', max_budget: 1 })).toMatchObject({ team_id: 't', max_budget: 1 });
  });
});

describe('changing a team', () => {
  test('what is not named stays, null takes a limit away, and a new amount keeps the window with its spend', async () => {
    await ok('/team/new', { team_id: 't', max_budget: 5, budget_duration: '1d', rpm_limit: 6, metadata: { a: 1 } });
    const startsAt = clock.now().getTime();
    clock.now = () => new Date('2026-03-04T16:00:00Z');
    const { data } = await ok('/team/update', { team_id: 't', max_budget: 9, rpm_limit: null });
    expect(data).toMatchObject({ max_budget: 9, rpm_limit: null, budget_duration: '1d', metadata: { a: 1 } });
    expect((await team('t'))?.limits).toEqual({
      budgets: [{ id: 'budget', limitUsd: '9', period: '1d', reset: 'calendar', startsAt }],
    });
  });

  test('a length that is added to a budget begins to count now: no older spend is brought into it', async () => {
    await ok('/team/new', { team_id: 't', max_budget: 5 });
    clock.now = () => new Date('2026-03-04T16:00:00Z');
    await ok('/team/update', { team_id: 't', budget_duration: '1d' });
    expect((await team('t'))?.limits?.budgets).toMatchObject([{ period: '1d', startsAt: clock.now().getTime() }]);
  });

  test('PATCH /team/{id} is the same', async () => {
    await ok('/team/new', { team_id: 't' });
    const { json } = await admin.call('/team/t', { method: 'PATCH', body: { team_alias: 'New', models: ['a'] } });
    expect(json).toMatchObject({ team_id: 't', data: { team_alias: 'New', models: ['a'] } });
    expect(await team('t')).toMatchObject({ alias: 'New', models: ['a'] });
  });

  test('blocking and letting in again reaches admission before it answers', async () => {
    await ok('/team/new', { team_id: 't' });
    expect(await ok('/team/block', { team_id: 't' })).toMatchObject({ team_id: 't', blocked: true });
    expect(await team('t')).toMatchObject({ blocked: true });
    await ok('/team/unblock', { team_id: 't' });
    expect((await team('t'))?.blocked).toBeUndefined();
  });

  test('models are added and taken away, not the last one: that would open all of them', async () => {
    await ok('/team/new', { team_id: 't', models: ['a'] });
    expect(await ok('/team/model/add', { team_id: 't', models: ['b', 'a'] })).toMatchObject({ models: ['a', 'b'] });
    expect(await ok('/team/model/delete', { team_id: 't', models: ['a'] })).toMatchObject({ models: ['b'] });
    expect(await post('/team/model/delete', { team_id: 't', models: ['b'] })).toMatchObject({
      status: 400,
      json: { error: { param: 'models' } },
    });
  });

  test('a change is seen by whoever watches the bucket in less than a second', async () => {
    await ok('/team/new', { team_id: 't', max_budget: 1 });
    const delays: number[] = [];
    let changedAt = 0;
    const end = await admin.scopesBucket.watch((_entry, record) => {
      if (record?.kind === 'team') delays.push(performance.now() - changedAt);
    });
    for (let usd = 2; usd <= 21; usd += 1) {
      changedAt = performance.now();
      await ok('/team/update', { team_id: 't', max_budget: usd });
      await expect.poll(() => delays.length, { timeout: 5_000, interval: 2 }).toBe(usd - 1);
    }
    end();
    expect(delays.toSorted((one, other) => one - other)[10]).toBeLessThan(1_000);
  });
});

describe('POST /team/delete', () => {
  test('keys of a team go with it, in one step, and are refused everywhere at once', async () => {
    await ok('/team/new', { team_id: 't', members_with_roles: [{ role: 'user', user_id: 'ada' }] });
    const { token } = await ok('/key/generate', { team_id: 't' });
    const other = await ok('/key/generate', {});
    const answer = await ok('/team/delete', { team_ids: ['t'] });
    expect(answer).toMatchObject({ deleted_teams: ['t'], deleted_keys: [token], message: expect.stringMatching(/1 keys? .*deleted/) });
    expect(await admin.bucket.get(token)).toBeUndefined();
    expect(await admin.bucket.get(other.token)).toBeDefined();
    expect(await team('t')).toBeUndefined();
    expect(await member('t', 'ada')).toBeUndefined();
    expect((await admin.call(`/key/info?key=${token}`)).json.info.status).toBe('deleted');
  });

  test('a key that is made at the same moment does not outlive its team', async () => {
    await ok('/team/new', { team_id: 't' });
    const client = await admin.db.pool.connect();
    await client.query("begin; select from scopes where kind = 'team' and id = 't' for update");
    const answer = post('/key/generate', { team_id: 't' });
    const waiting = "select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()";
    await expect.poll(async () => (await admin.db.pool.query(waiting)).rowCount, { timeout: 10_000 }).toBe(1);
    await client.query("update scopes set deleted_at = now() where kind = 'team' and id = 't'");
    await client.query('commit');
    client.release();
    expect(await answer).toMatchObject({ status: 404, json: { error: { param: 'team_id' } } });
  });

  test('all of them or none', async () => {
    await ok('/team/new', { team_id: 't' });
    const answer = await post('/team/delete', { team_ids: ['t', 'missing'] });
    expect(answer).toMatchObject({ status: 404, json: { error: { param: 'team_ids[1]' } } });
    expect(await team('t')).toBeDefined();
  });
});

describe('reading teams', () => {
  test('info has spend, members and keys', async () => {
    await ok('/team/new', { team_id: 't', members: ['ada'] });
    const { token } = await ok('/key/generate', { team_id: 't' });
    await applyAttempts(admin.db, [attemptEvent({ by: { keyHash: token, teamId: 't', userId: 'ada' } })]);
    const { json } = await admin.call('/team/info?team_id=t');
    expect(json).toMatchObject({
      team_id: 't',
      team_info: { spend: 0.00001275, spend_usd: '0.00001275' },
      keys: [{ token }],
      team_memberships: [{ user_id: 'ada', team_id: 't', spend: 0.00001275, litellm_budget_table: null }],
    });
    expect((await admin.call('/team/list')).json).toMatchObject([{ team_id: 't', keys: [{ token }] }]);
  });

  test('pages with a total, a filter and an order', async () => {
    for (const id of ['a', 'b', 'c']) await ok('/team/new', { team_id: id, team_alias: `team ${id}`, members: id === 'c' ? [] : ['ada'] });
    const list = async (query: string) => (await admin.call(`/v2/team/list?${query}`)).json;
    expect(await list('page=2&page_size=2&sort_by=team_id&sort_order=asc')).toMatchObject({
      teams: [{ team_id: 'c' }],
      total: 3,
      page: 2,
      page_size: 2,
      total_pages: 2,
    });
    expect((await list('user_id=ada')).total).toBe(2);
    expect((await list('search=TEAM%20C')).teams).toMatchObject([{ team_id: 'c' }]);
  });

  test('there is no such team', async () => {
    expect(await admin.call('/team/info?team_id=x')).toMatchObject({ status: 404, json: { error: { param: 'team_id' } } });
  });
});

test('a bucket that was lost is filled again, with deletions', async () => {
  await ok('/team/new', { team_id: 't', max_budget: 1 });
  await admin.scopesBucket.delete({ kind: 'team', id: 't' });
  await admin.db.pool.query('update scopes set published_revision = 0');
  expect(await admin.scopes.repair()).toBe(0);
  expect(await team('t')).toMatchObject({ limits: { budgets: [{ limitUsd: '1' }] } });
});
