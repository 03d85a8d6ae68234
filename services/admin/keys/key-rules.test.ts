import { expect, test } from 'vitest';
import type { KeyRules } from '#config';
import { boundedByRules, checkBounds, withDefaults } from './key-rules.ts';

const config = (rules: Partial<KeyRules>) => ({ keys: { defaults: {}, upperBounds: {}, tokenLimitType: 'total' as const, ...rules } });

test('a new key gets the defaults where its request says nothing', () => {
  const rules = config({ defaults: { max_budget: 5, duration: '30d', models: ['a'] } });
  expect(withDefaults({ max_budget: 1, duration: null }, rules)).toEqual({ max_budget: 1, duration: '30d', models: ['a'] });
  expect(withDefaults({ max_budget: 1 }, { keys: undefined })).toEqual({ max_budget: 1 });
});

test('a new key that says nothing gets the most that it may have', () => {
  expect(boundedByRules({}, config({ upperBounds: { max_budget: 5, duration: '30d' } }))).toEqual({ max_budget: 5, duration: '30d' });
});

test.each([
  ['max_budget', { max_budget: 5.01 }, 5],
  ['max_budget', { max_budget: '5.01' }, 5],
  ['rpm_limit', { rpm_limit: 61 }, 60],
  ['duration', { duration: '31d' }, '30d'],
  ['duration', { duration: '721h' }, '30d'],
  ['duration', { duration: '-1' }, '30d'],
  ['budget_duration', { budget_duration: '2mo', max_budget: 1 }, '30d'],
])('%s of %j is more than %s and refused by its name', (param, input, most) => {
  expect(() => boundedByRules(input, config({ upperBounds: { [param]: most } }))).toThrow(
    expect.objectContaining({ code: 'invalid_request', param }),
  );
});

test.each([{ max_budget: 5 }, { max_budget: 0 }])('%j is not', (input) => {
  expect(boundedByRules(input, config({ upperBounds: { max_budget: 5 } }))).toEqual(input);
});

test('a change may not take a key above the most, nor its limit away', () => {
  const rules = config({ upperBounds: { max_budget: 5 } });
  expect(() => checkBounds({ rpm_limit: 1 }, rules)).not.toThrow();
  expect(() => checkBounds({ max_budget: 5 }, rules)).not.toThrow();
  for (const input of [{ max_budget: 6 }, { max_budget: null }])
    expect(() => checkBounds(input, rules)).toThrow(expect.objectContaining({ param: 'max_budget' }));
});
