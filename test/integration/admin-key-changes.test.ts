import { describe, expect, test } from 'vitest';
import type { BudgetWindow } from '#contracts';
import { CALL_USD, useAdmin } from './support/use-admin.ts';

const { admin, at, generate, post, spend } = useAdmin();

const record = (hash: string) => admin.bucket.get(hash);
const info = async (key: string) => (await admin.call(`/key/info?key=${key}`)).json.info;

describe('limits of a key', () => {
  test('are what admission gets, and are shown as they were said', async () => {
    const now = at('2026-03-04T15:30:00Z');
    const { token, ...shown } = await generate({
      max_budget: 5,
      budget_duration: '1d',
      budget_time_zone: 'Europe/Berlin',
      soft_budget: 4,
      budget_limits: [{ budget_duration: '1mo', max_budget: '100.5' }],
      model_max_budget: { 'gpt-4o': { budget_limit: 1, time_period: '1d' } },
      rpm_limit: 60,
      tpm_limit: 1000,
      max_parallel_requests: 5,
      model_rpm_limit: { 'gpt-4o': 10 },
      budget_fallbacks: { 'gpt-4o': ['gpt-4o-mini'] },
      allowed_routes: ['/v1/chat/completions', 'info_routes'],
      enforced_params: ['user'],
    });
    const zone = { reset: 'calendar', timeZone: 'Europe/Berlin', startsAt: now };
    expect(await record(token)).toMatchObject({
      limits: {
        rpm: 60,
        tpm: 1000,
        parallel: 5,
        budgets: [
          { id: 'budget', limitUsd: '5', softUsd: '4', period: '1d', ...zone },
          { id: '1mo', limitUsd: '100.5', period: '1mo', ...zone },
        ],
        models: { 'gpt-4o': { rpm: 10, budgets: [{ limitUsd: '1', period: '1d' }] } },
      },
      budgetFallbacks: { 'gpt-4o': ['gpt-4o-mini'] },
      allowedRoutes: ['/v1/chat/completions', 'info_routes'],
      enforcedParams: ['user'],
    });
    expect(shown).toMatchObject({
      max_budget: 5,
      soft_budget: 4,
      budget_duration: '1d',
      budget_reset_at: '2026-03-04T23:00:00.000Z',
      budget_limits: [{ budget_duration: '1mo', max_budget: '100.5', reset_at: '2026-03-31T22:00:00.000Z' }],
      rpm_limit: 60,
      max_parallel_requests: 5,
    });
  });

  test('can be changed one by one, and taken out with null', async () => {
    const { key, token } = await generate({ max_budget: 5, rpm_limit: 60, models: ['a'] });
    expect((await post('/key/update', { key, max_budget: 7 })).json).toMatchObject({ key, max_budget: 7, rpm_limit: 60, models: ['a'] });
    expect(await record(token)).toMatchObject({ limits: { rpm: 60, budgets: [{ limitUsd: '7' }] } });
    await post('/key/update', { key, max_budget: null, rpm_limit: null });
    expect((await record(token))?.limits).toBeUndefined();
    expect(await info(key)).toMatchObject({ max_budget: null, rpm_limit: null });
  });

  test('a length that is added begins a window now: what was spent before is not in it', async () => {
    at('2026-03-01T00:00:00Z');
    const { key, token } = await generate({ max_budget: 5 });
    await spend(token, Date.parse('2026-03-02T10:00:00Z'));
    at('2026-03-04T15:30:00Z');
    expect(await info(key)).toMatchObject({ spend: CALL_USD });
    const startsAt = at('2026-03-04T15:30:00Z');
    await post('/key/update', { key, budget_duration: '30d' });
    expect((await record(token))?.limits?.budgets).toEqual([
      { id: 'budget', limitUsd: '5', period: '30d', reset: 'calendar', startsAt },
    ] satisfies BudgetWindow[]);
    expect(await info(key)).toMatchObject({
      spend: 0,
      total_spend: CALL_USD,
      budget_windows: [{ id: 'budget', spend_usd: '0', starts_at: '2026-03-04T15:30:00.000Z' }],
    });
    await spend(token, Date.parse('2026-03-04T16:00:00Z'));
    expect(await info(key)).toMatchObject({ spend: CALL_USD, budget_windows: [{ spend_usd: '0.00001275' }] });
  });

  test('a new limit keeps what was spent; a temporary increase ends by itself', async () => {
    const startsAt = at('2026-03-04T15:30:00Z');
    const { key, token } = await generate({ max_budget: 5, budget_duration: '1d' });
    at('2026-03-04T18:00:00Z');
    await post('/key/update', { key, max_budget: 9, temp_budget_increase: 2, temp_budget_expiry: '2026-03-05T00:00:00Z' });
    const increase = { usd: '2', until: Date.parse('2026-03-05T00:00:00Z') };
    expect((await record(token))?.limits?.budgets?.[0]).toMatchObject({ limitUsd: '9', startsAt, increase });
  });

  test('of a shared budget count where the key has none of its own', async () => {
    await post('/budget/new', { budget_id: 'small', max_budget: 3, rpm_limit: 10 });
    const { key, token } = await generate({ budget_id: 'small', rpm_limit: 20 });
    expect(await record(token)).toMatchObject({ limits: { rpm: 20, budgets: [{ limitUsd: '3' }] } });
    await post('/key/update', { key, budget_id: null });
    expect(await record(token)).toMatchObject({ limits: { rpm: 20 } });
    expect((await record(token))?.limits?.budgets).toBeUndefined();
  });

  test('spend can be reset: budgets begin now, and the ledger keeps its rows', async () => {
    at('2026-03-04T12:00:00Z');
    const { key, token } = await generate({ max_budget: 5, model_max_budget: { a: 1 } });
    await spend(token, Date.parse('2026-03-04T13:00:00Z'));
    const startsAt = at('2026-03-04T14:00:00Z');
    expect((await post(`/key/${token}/reset_spend`, { reset_to: 0 })).json).toMatchObject({
      key_hash: token,
      spend: 0,
      previous_spend: CALL_USD,
    });
    expect(await record(token)).toMatchObject({ limits: { budgets: [{ startsAt }], models: { a: { budgets: [{ startsAt }] } } } });
    expect(await info(key)).toMatchObject({ spend: 0, total_spend: CALL_USD });
    expect((await post(`/key/${token}/reset_spend`, { reset_to: 1 })).json.error).toMatchObject({ param: 'reset_to' });
    expect((await post(`/key/${token}/reset_spend`, { reset_to: -1 })).json.error).toMatchObject({ param: 'reset_to' });
  });

  test('reset to an amount, its budgets begin with that as spent, and never with more than they had', async () => {
    at('2026-03-04T12:00:00Z');
    const { key, token } = await generate({ max_budget: 5, budget_limits: [{ budget_duration: '1d', max_budget: 1 }] });
    await spend(token, Date.parse('2026-03-04T13:00:00Z'));
    const startsAt = at('2026-03-05T14:00:00Z');
    await spend(token, startsAt - 1_000);
    const resetTo = CALL_USD * 1.5;
    expect((await post(`/key/${token}/reset_spend`, { reset_to: resetTo })).json).toMatchObject({
      spend: resetTo,
      previous_spend: CALL_USD * 2,
    });
    const carriedUsd = String(resetTo);
    expect((await record(token))?.limits?.budgets).toMatchObject([
      { id: 'budget', startsAt, carriedUsd: expect.stringMatching(/^0\.00001912/) },
      { id: '1d', startsAt, carriedUsd: '0.00001275' },
    ]);
    expect(Number(carriedUsd)).toBe(resetTo);
    at('2026-03-05T15:00:00Z');
    await spend(token, Date.parse('2026-03-05T14:30:00Z'));
    expect(await info(key)).toMatchObject({ spend: CALL_USD * 2.5, total_spend: CALL_USD * 3 });
    await post('/key/update', { key, max_budget: 6 });
    expect((await record(token))?.limits?.budgets?.[1]).toMatchObject({ carriedUsd: '0.00001275' });
    at('2026-03-06T15:00:00Z');
    expect((await info(key)).budget_windows[1]).toMatchObject({ id: '1d', spend_usd: '0' });
  });

  test.each([
    ['a negative budget', { max_budget: -1 }, 'max_budget'],
    ['an increase without an end', { temp_budget_increase: 1, max_budget: 1 }, 'temp_budget_increase'],
    ['a typing error', { max_buget: 1 }, 'max_buget'],
    ['a strange duration', { duration: 'soon' }, 'duration'],
    ['a team that is none', { team_id: 'nobody' }, 'team_id'],
    ['an alias that is taken', { key_alias: 'taken' }, 'key_alias'],
  ])('%s is refused and changes nothing', async (_name, change, param) => {
    await generate({ key_alias: 'taken' });
    const { key, token } = await generate({ max_budget: 5 });
    const before = await record(token);
    const { status, json } = await post('/key/update', { key, ...change });
    expect([400, 404, 409]).toContain(status);
    expect(json.error.param).toBe(param);
    expect(await record(token)).toEqual(before);
  });

  test('several keys are changed at once: each by itself, or of a team all or none', async () => {
    await post('/team/new', { team_id: 't' });
    const [one, two] = [await generate({ team_id: 't' }), await generate({ team_id: 't' })];
    const bulk = await post('/key/bulk_update', {
      keys: [
        { key: one.key, rpm_limit: 1 },
        { key: 'sk-nobody', rpm_limit: 1 },
      ],
    });
    expect(bulk.json).toMatchObject({
      total_requested: 2,
      successful_updates: [{ key: one.key }],
      failed_updates: [{ key: 'sk-nobody', param: 'key' }],
    });
    await post('/team/key/bulk_update', { team_id: 't', all_keys_in_team: true, update_fields: { rpm_limit: 9 } });
    expect([await record(one.token), await record(two.token)]).toMatchObject([{ limits: { rpm: 9 } }, { limits: { rpm: 9 } }]);
    const other = await generate();
    const refused = await post('/team/key/bulk_update', {
      team_id: 't',
      key_ids: [one.token, other.token],
      update_fields: { rpm_limit: 3 },
    });
    expect(refused).toMatchObject({ status: 400, json: { error: { param: 'key_ids[1]' } } });
    expect(await record(one.token)).toMatchObject({ limits: { rpm: 9 } });
  });
});
