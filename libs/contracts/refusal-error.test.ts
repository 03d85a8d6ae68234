import { expect, test } from 'vitest';
import type { Refusal } from './admission.ts';
import { refusalError } from './refusal-error.ts';

const NOW = Date.UTC(2026, 10, 22, 12);
const budget: Refusal = { kind: 'budget', scope: 'key', id: 'a1b2', window: '1d', limit: '1', used: '0.98', resetsAt: NOW + 60_000 };

test('a used-up budget is not to be tried again, and says which one it was and when it frees', () => {
  const error = refusalError(budget, { now: NOW, maskedKey: 'sk-…abcd' });
  expect(error).toMatchObject({ code: 'budget_exceeded', status: 402, type: 'budget_exceeded', retryAfterMs: undefined });
  expect(error.message).toBe(
    'Budget has been exceeded! Current cost: 0.98, Max budget: 1 (budget 1d of key sk-…abcd). It resets at 2026-11-22T12:01:00.000Z.',
  );
});

test('a key is never named by its hash', () => {
  for (const kind of ['budget', 'requests', 'parallel', 'price'] as const) {
    expect(refusalError({ ...budget, kind }, { now: NOW }).message).not.toContain('a1b2');
  }
});

test('the status of budgets is the operator’s, that of rates is not', () => {
  expect(refusalError(budget, { now: NOW, budgetStatus: 429 })).toMatchObject({ code: 'budget_exceeded', status: 429 });
  expect(refusalError({ ...budget, kind: 'tokens' }, { now: NOW, budgetStatus: 400 }).status).toBe(429);
});

test.each([
  [NOW + 12_345, 12_345],
  [NOW - 5, 0],
  [undefined, 1_000],
])('a rate that frees at %s is worth a try after %s ms', (resetsAt, retryAfterMs) => {
  const refusal: Refusal = { kind: 'requests', scope: 'team', id: 'blue', limit: '60', used: '60', resetsAt };
  const error = refusalError(refusal, { now: NOW });
  expect(error).toMatchObject({ code: 'rate_limit_exceeded', status: 429, retryAfterMs });
  expect(error.message).toContain('team blue. Limit type: requests. Current limit: 60, used: 60.');
});

test('a limit for one model names it', () => {
  const error = refusalError({ ...budget, model: 'gpt-4o' }, { now: NOW, maskedKey: 'sk-…abcd' });
  expect(error.message).toContain('key sk-…abcd, model gpt-4o');
});
