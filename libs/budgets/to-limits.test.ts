import { describe, expect, test } from 'vitest';
import type { LimitFields } from './limit-fields.ts';
import { MOST_USD } from './to-budget-windows.ts';
import { toLimits } from './to-limits.ts';

const now = Date.parse('2026-03-04T15:30:00Z');
const limitsOf = (fields: LimitFields, options: Partial<Parameters<typeof toLimits>[1]> = {}) => toLimits(fields, { now, ...options });

describe('toLimits', () => {
  test('nothing said is no limit: such callers skip admission', () => {
    expect(limitsOf({})).toBeUndefined();
    expect(limitsOf({ max_budget: null, rpm_limit: null, model_max_budget: {}, budget_limits: [], budget_duration: '1d' })).toBeUndefined();
  });

  test('LiteLLM lengths reset by the calendar, others count from when they were set', () => {
    expect(limitsOf({ max_budget: 5, budget_duration: '24h' }, { timeZone: 'Europe/Berlin' })?.budgets).toEqual([
      { id: 'budget', limitUsd: '5', period: '24h', reset: 'calendar', timeZone: 'Europe/Berlin', startsAt: now },
    ]);
    expect(limitsOf({ max_budget: 5, budget_duration: '30m' })?.budgets).toEqual([
      { id: 'budget', limitUsd: '5', period: '30m', reset: 'fixed', startsAt: now },
    ]);
    expect(limitsOf({ max_budget: 5, budget_duration: '7d', budget_reset: 'rolling' })?.budgets).toEqual([
      { id: 'budget', limitUsd: '5', period: '7d', reset: 'rolling', startsAt: now },
    ]);
  });

  test('several windows at once', () => {
    const fields = {
      max_budget: 1000,
      budget_limits: [
        { budget_duration: '1d', max_budget: 5 },
        { budget_duration: '1mo', max_budget: '100.50' },
      ],
    };
    expect(limitsOf(fields)?.budgets).toEqual([
      { id: 'budget', limitUsd: '1000', startsAt: now },
      { id: '1d', limitUsd: '5', period: '1d', reset: 'calendar', startsAt: now },
      { id: '1mo', limitUsd: '100.5', period: '1mo', reset: 'calendar', startsAt: now },
    ]);
  });

  test('money is decimal text, never a float', () => {
    const limitOf = (max_budget: number | string) => limitsOf({ max_budget })?.budgets?.[0]?.limitUsd;
    expect([0, 0.1, 1e-7, '0.30', 1e9, -0, 0.1 + 0.2].map(limitOf)).toEqual([
      '0',
      '0.1',
      '0.0000001',
      '0.3',
      MOST_USD,
      '0',
      '0.300000000001',
    ]);
  });

  test('a new limit keeps the window and its spend, a new length begins a window', () => {
    const before = limitsOf({
      max_budget: 5,
      budget_duration: '1d',
      model_max_budget: { a: 1, b: { budget_limit: 2, time_period: '1d' } },
    });
    const later = { now: now + 1000, before };
    const after = limitsOf({ max_budget: 9, budget_duration: '1d', model_max_budget: { a: 3 } }, later);
    expect(after?.budgets?.[0]).toMatchObject({ id: 'budget', limitUsd: '9', startsAt: now });
    expect(after?.models?.['a']?.budgets?.[0]).toMatchObject({ id: 'budget', limitUsd: '3', startsAt: now });
    expect(limitsOf({ max_budget: 5, budget_duration: '7d' }, later)?.budgets?.[0]).toMatchObject({ startsAt: now + 1000 });
    const total = limitsOf({ max_budget: 5 });
    expect(limitsOf({ max_budget: 5, budget_duration: '1d' }, { now: now + 1000, before: total })?.budgets?.[0]?.startsAt).toBe(now + 1000);
  });

  test('a soft budget alone refuses nothing, and one beside a limit tells before it', () => {
    expect(limitsOf({ soft_budget: 4 })?.budgets).toEqual([{ id: 'budget', limitUsd: MOST_USD, softUsd: '4', startsAt: now }]);
    expect(limitsOf({ soft_budget: 4, max_budget: 5 })?.budgets?.[0]).toMatchObject({ limitUsd: '5', softUsd: '4' });
  });

  test('a temporary increase ends when it says', () => {
    const fields = { max_budget: 5, temp_budget_increase: 2.5, temp_budget_expiry: '2026-03-05T00:00:00Z' };
    expect(limitsOf(fields)?.budgets?.[0]?.increase).toEqual({ usd: '2.5', until: Date.parse('2026-03-05T00:00:00Z') });
  });

  test('rates, of all calls and of one model, and which tokens are meant', () => {
    const fields = { rpm_limit: 0, tpm_limit: 100, max_parallel_requests: 5, model_rpm_limit: { a: 1 }, model_tpm_limit: { a: 2, b: 3 } };
    expect(limitsOf(fields)).toEqual({ rpm: 0, tpm: 100, parallel: 5, models: { a: { rpm: 1, tpm: 2 }, b: { tpm: 3 } } });
    expect(limitsOf(fields, { tokenLimitType: 'output' })).toMatchObject({ outputTpm: 100, models: { b: { outputTpm: 3 } } });
  });

  test.each<[LimitFields, string, RegExp]>([
    [{ max_budget: -1 }, 'max_budget', /negative/],
    [{ max_budget: '-0.01' }, 'max_budget', /negative/],
    [{ max_budget: 1e12 }, 'max_budget', /not be more than/],
    [{ max_budget: 'five' }, 'max_budget', /amount of US dollars/],
    [{ max_budget: Number.POSITIVE_INFINITY }, 'max_budget', /amount of US dollars/],
    [{ max_budget: 5, budget_duration: 'daily' }, 'budget_duration', /1mo/],
    [{ max_budget: 5, budget_duration: '0d' }, 'budget_duration', /1mo/],
    [{ max_budget: 5, budget_duration: '99999999d' }, 'budget_duration', /1mo/],
    [{ max_budget: 5, soft_budget: 6 }, 'soft_budget', /more than max_budget/],
    [{ max_budget: 5, budget_reset: 'rolling' }, 'budget_reset', /budget_duration/],
    [{ max_budget: 5, budget_duration: '5h', budget_reset: 'calendar' }, 'budget_reset', /divide a day/],
    [{ max_budget: 5, budget_duration: '1d', budget_time_zone: 'Mars/Olympus' }, 'budget_time_zone', /IANA/],
    [{ temp_budget_increase: 5, temp_budget_expiry: '2026-03-05' }, 'temp_budget_increase', /no max_budget/],
    [{ max_budget: 1, temp_budget_increase: 5 }, 'temp_budget_increase', /temp_budget_expiry/],
    [{ max_budget: 1, temp_budget_expiry: '2026-03-05' }, 'temp_budget_expiry', /temp_budget_increase/],
    [{ max_budget: 1, temp_budget_increase: 5, temp_budget_expiry: 'soon' }, 'temp_budget_expiry', /date and time/],
    [{ budget_limits: [{ max_budget: -5, budget_duration: '1d' }] }, 'budget_limits[0].max_budget', /negative/],
    [
      { budget_limits: ['1d', '1d'].map((budget_duration) => ({ max_budget: 5, budget_duration })) },
      'budget_limits[1].budget_duration',
      /two/,
    ],
    [{ model_max_budget: { a: { budget_limit: -1 } } }, 'model_max_budget.a.max_budget', /negative/],
    [{ model_max_budget: { a: { budget_duration: '1d' } } }, 'model_max_budget.a.budget_limit', /give the amount/],
    [{ model_max_budget: { '': 1 } }, 'model_max_budget', /name of a model/],
    [{ rpm_limit: -1 }, 'rpm_limit', /whole number/],
    [{ tpm_limit: 1.5 }, 'tpm_limit', /whole number/],
    [{ max_parallel_requests: 1e15 }, 'max_parallel_requests', /not be more than/],
    [{ model_rpm_limit: { a: -1 } }, 'model_rpm_limit.a', /whole number/],
  ])('%j is refused by the name of its field', (fields, param, message) => {
    expect(() => limitsOf(fields)).toThrow(
      expect.objectContaining({ code: 'invalid_request', param, message: expect.stringMatching(message) }),
    );
  });
});
