import { describe, expect, test } from 'vitest';
import { EVERY_CUSTOMER } from '#contracts';
import { applyAttempts } from '#db';
import { keepEveryCustomer } from '../../services/admin/customers/every-customer.ts';
import { attemptEvent } from './support/attempt-event.ts';
import { useAdmin } from './support/use-admin.ts';

const { admin, clock, ok, post } = useAdmin({ now: '2026-03-04T15:30:00Z' });

const customer = (id: string) => admin.scopesBucket.get({ kind: 'customer', id });
const tag = (id: string) => admin.scopesBucket.get({ kind: 'tag', id });

describe('shared budgets', () => {
  test('are made and shown in the shape LiteLLM clients read', async () => {
    const fields = {
      budget_id: 'free',
      max_budget: 1,
      budget_duration: '1d',
      rpm_limit: 5,
      model_max_budget: { big: { budget_limit: 0.5, time_period: '1d' } },
    };
    const made = await ok('/budget/new', fields);
    expect(made).toMatchObject({ ...fields, soft_budget: null, budget_reset_at: '2026-03-05T00:00:00.000Z', created_by: 'master-key' });
    expect((await admin.call('/budget/list')).json).toEqual([made]);
    expect(await ok('/budget/info', { budgets: ['free'] })).toEqual([made]);
    expect((await admin.call('/budget/settings?budget_id=free')).json).toContainEqual(
      expect.objectContaining({ field_name: 'max_budget', field_value: 1 }),
    );
  });

  test('what uses one has all of it for itself, under what it says itself', async () => {
    await ok('/budget/new', { budget_id: 'free', max_budget: 1, budget_duration: '1d', rpm_limit: 5 });
    await ok('/customer/new', { user_id: 'c', budget_id: 'free', max_budget: 3 });
    expect((await customer('c'))?.limits).toMatchObject({ rpm: 5, budgets: [{ limitUsd: '3', period: '1d' }] });
  });

  test('a change of one is seen by admission for everything that uses it, and keeps what they have spent', async () => {
    await ok('/budget/new', { budget_id: 'free', max_budget: 1, budget_duration: '1d' });
    await ok('/team/new', { team_id: 't' });
    await ok('/team/member_add', { team_id: 't', member: { user_id: 'ada' }, budget_id: 'free' });
    await ok('/customer/new', { user_id: 'c', budget_id: 'free' });
    await ok('/tag/new', { name: 'nightly', budget_id: 'free' });
    await ok('/organization/new', { organization_id: 'o', organization_alias: 'O', budget_id: 'free' });
    const { token } = await ok('/key/generate', { budget_id: 'free' });
    await ok('/customer/new', { user_id: 'own', max_budget: 9 });
    const startsAt = clock.now().getTime();
    clock.now = () => new Date('2026-03-04T16:00:00Z');
    await ok('/budget/update', { budget_id: 'free', max_budget: 2, rpm_limit: 7 });
    const changed = { rpm: 7, budgets: [{ id: 'budget', limitUsd: '2', period: '1d', reset: 'calendar', startsAt }] };
    const scopes = [
      { kind: 'customer', id: 'c' },
      { kind: 'tag', id: 'nightly' },
      { kind: 'member', id: 't/ada' },
      { kind: 'organization', id: 'o' },
    ] as const;
    for (const scope of scopes) expect((await admin.scopesBucket.get(scope))?.limits).toEqual(changed);
    expect((await admin.bucket.get(token))?.limits).toEqual(changed);
    expect((await customer('own'))?.limits?.budgets).toMatchObject([{ limitUsd: '9' }]);
  });

  test('one that is used can not be deleted, one that is not can', async () => {
    await ok('/budget/new', { budget_id: 'free', max_budget: 1 });
    await ok('/customer/new', { user_id: 'c', budget_id: 'free' });
    expect(await post('/budget/delete', { id: 'free' })).toMatchObject({
      status: 409,
      json: { error: { param: 'id', message: expect.stringMatching(/customer c/) } },
    });
    await ok('/customer/update', { user_id: 'c', budget_id: null });
    expect(await customer('c')).not.toHaveProperty('limits');
    expect(await ok('/budget/delete', { id: 'free' })).toMatchObject({ budget_id: 'free' });
    expect((await admin.call('/budget/list')).json).toEqual([]);
  });

  test.each<[string, string, object, number, string]>([
    ['an id that is taken', '/budget/new', { budget_id: 'free' }, 409, 'budget_id'],
    ['a negative amount', '/budget/new', { max_budget: -1 }, 400, 'max_budget'],
    ['a wrong length', '/budget/new', { max_budget: 1, budget_duration: 'month' }, 400, 'budget_duration'],
    ['a reset that it says itself', '/budget/new', { budget_reset_at: '2026-01-01' }, 400, 'budget_reset_at'],
    ['a typing error', '/budget/new', { max_budgt: 1 }, 400, 'max_budgt'],
    ['a change of none', '/budget/update', { budget_id: 'x', max_budget: 1 }, 404, 'budget_id'],
    ['a change to less than somebody is told at', '/budget/update', { budget_id: 'free', max_budget: 0.1 }, 409, 'soft_budget'],
    ['a look at none', '/budget/info', { budgets: ['free', 'x'] }, 404, 'budgets[1]'],
    ['an end of none', '/budget/delete', { id: 'x' }, 404, 'id'],
  ])('refuses %s', async (_name, path, body, status, param) => {
    await ok('/budget/new', { budget_id: 'free', max_budget: 1 });
    await ok('/customer/new', { user_id: 'c', budget_id: 'free', soft_budget: 0.5 });
    const answer = await post(path, body);
    expect(answer.json.error).toMatchObject({ param });
    expect(answer.status).toBe(status);
    expect((await customer('c'))?.limits?.budgets).toMatchObject([{ limitUsd: '1' }]);
  });
});

describe('end users', () => {
  test.each(['customer', 'end_user'])('are made, changed, blocked and deleted under /%s', async (path) => {
    const made = await ok(`/${path}/new`, {
      user_id: 'c',
      alias: 'Visitor',
      max_budget: 1,
      budget_duration: '30d',
      default_model: 'small',
      models: ['small'],
    });
    expect(made).toMatchObject({
      user_id: 'c',
      alias: 'Visitor',
      blocked: false,
      default_model: 'small',
      allowed_model_region: null,
      spend: 0,
      litellm_budget_table: { max_budget: 1, budget_duration: '30d', budget_reset_at: '2026-04-01T00:00:00.000Z' },
    });
    expect(await customer('c')).toMatchObject({ models: ['small'], defaultModel: 'small', limits: { budgets: [{ limitUsd: '1' }] } });
    expect(await ok(`/${path}/update`, { user_id: 'c', max_budget: null })).toMatchObject({ max_budget: null, litellm_budget_table: null });
    expect(await customer('c')).not.toHaveProperty('limits');
    await ok(`/${path}/block`, { user_ids: ['c', 'never-seen'] });
    expect(await customer('never-seen')).toMatchObject({ blocked: true });
    await ok(`/${path}/unblock`, { user_ids: ['c'] });
    expect((await customer('c'))?.blocked).toBeUndefined();
    expect((await admin.call(`/${path}/list`)).json.map((one: any) => one.user_id)).toEqual(['c', 'never-seen']);
    expect(await ok(`/${path}/delete`, { user_ids: ['c'] })).toMatchObject({ deleted_customers: 1 });
    expect(await customer('c')).toBeUndefined();
    expect(await admin.call(`/${path}/info?end_user_id=c`)).toMatchObject({ status: 404, json: { error: { param: 'end_user_id' } } });
  });

  test('info has what one has spent', async () => {
    await ok('/customer/new', { user_id: 'c' });
    await applyAttempts(admin.db, [attemptEvent({ by: { keyHash: 'a'.repeat(64), endUser: 'c' } })]);
    expect((await admin.call('/customer/info?end_user_id=c')).json).toMatchObject({ spend_usd: '0.00001275' });
  });

  test('those without limits of their own have those of the budget that the configuration names, and lose them with it', async () => {
    await ok('/budget/new', { budget_id: 'visitors', max_budget: 1, budget_duration: '1d' });
    const keep = (endUserBudgetId: string | undefined) => {
      const budgets = { ...admin.stored.config.budgets, endUserBudgetId } as NonNullable<typeof admin.stored.config.budgets>;
      const config = { ...admin.stored.config, budgets };
      const log = { warn() {} };
      return keepEveryCustomer({ db: admin.db, scopes: admin.scopes, stored: { ...admin.stored, config }, now: clock.now, log });
    };
    await keep('visitors');
    expect((await admin.scopesBucket.get(EVERY_CUSTOMER))?.limits?.budgets).toMatchObject([{ limitUsd: '1', period: '1d' }]);
    await ok('/budget/update', { budget_id: 'visitors', max_budget: 2 });
    expect((await admin.scopesBucket.get(EVERY_CUSTOMER))?.limits?.budgets).toMatchObject([{ limitUsd: '2' }]);
    await keep('not-there');
    expect((await admin.scopesBucket.get(EVERY_CUSTOMER))?.limits?.budgets).toMatchObject([{ limitUsd: '2' }]);
    await keep(undefined);
    expect(await admin.scopesBucket.get(EVERY_CUSTOMER)).not.toHaveProperty('limits');
    expect((await admin.call('/customer/list')).json).toEqual([]);
  });

  test.each<[string, string, object, number, string]>([
    ['no id', 'new', {}, 400, 'user_id'],
    ['an id that is taken', 'new', { user_id: 'c' }, 409, 'user_id'],
    ['a region, which has no effect here', 'new', { user_id: 'd', allowed_model_region: 'eu' }, 400, 'allowed_model_region'],
    ['a budget that is not there', 'update', { user_id: 'c', budget_id: 'x' }, 404, 'budget_id'],
    ['an unknown one', 'update', { user_id: 'x' }, 404, 'user_id'],
    ['an unknown one of several', 'delete', { user_ids: ['c', 'x'] }, 404, 'user_ids[1]'],
  ])('refuses %s', async (_name, path, body, status, param) => {
    await ok('/customer/new', { user_id: 'c' });
    const answer = await post(`/customer/${path}`, body);
    expect(answer.json.error).toMatchObject({ param });
    expect(answer.status).toBe(status);
  });
});

describe('tags', () => {
  test('have budgets of their own', async () => {
    const made = await ok('/tag/new', { name: 'nightly', description: 'Nightly runs', max_budget: 20, budget_duration: '1d' });
    expect(made.tag).toMatchObject({ name: 'nightly', description: 'Nightly runs', max_budget: 20 });
    expect((await tag('nightly'))?.limits?.budgets).toMatchObject([{ limitUsd: '20', period: '1d' }]);
    await ok('/tag/update', { name: 'nightly', max_budget: 30, rpm_limit: 4 });
    expect((await tag('nightly'))?.limits).toMatchObject({ rpm: 4, budgets: [{ limitUsd: '30' }] });
    await applyAttempts(admin.db, [attemptEvent({ by: { keyHash: 'a'.repeat(64), tags: ['nightly', 'other'] } })]);
    expect(await ok('/tag/info', { names: ['nightly'] })).toMatchObject({
      nightly: { description: 'Nightly runs', spend_usd: '0.00001275' },
    });
    expect((await admin.call('/tag/list')).json).toMatchObject([{ name: 'nightly' }]);
    await ok('/tag/delete', { name: 'nightly' });
    expect(await tag('nightly')).toBeUndefined();
  });

  test.each<[string, string, object, number, string]>([
    ['a name that is taken', 'new', { name: 'nightly' }, 409, 'name'],
    ['models, which are said elsewhere', 'new', { name: 'b', models: ['m'] }, 400, 'models'],
    ['a negative budget', 'update', { name: 'nightly', max_budget: -1 }, 400, 'max_budget'],
    ['an unknown one', 'update', { name: 'x' }, 404, 'name'],
    ['an unknown one to look at', 'info', { names: ['nightly', 'x'] }, 404, 'names[1]'],
    ['an unknown one to delete', 'delete', { name: 'x' }, 404, 'name'],
  ])('refuses %s', async (_name, path, body, status, param) => {
    await ok('/tag/new', { name: 'nightly' });
    const answer = await post(`/tag/${path}`, body);
    expect(answer.json.error).toMatchObject({ param });
    expect(answer.status).toBe(status);
  });
});

test.each(['/budget/new', '/customer/new', '/tag/new', '/organization/new', '/user/update'])(
  '%s is for administrators alone',
  async (path) => {
    const { key } = await ok('/key/generate', {});
    expect(await post(path, {}, key)).toMatchObject({ status: 403, json: { error: { code: 'route_access_denied' } } });
  },
);
