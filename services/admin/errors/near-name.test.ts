import { expect, test } from 'vitest';
import { nearName } from './near-name.ts';

const NAMES = ['models', 'metadata', 'max_budget', 'key', 'key_alias'];

test.each([
  ['model', 'models'],
  ['Models', 'models'],
  ['modles', 'models'],
  ['max_buget', 'max_budget'],
  ['max_budgets', 'max_budget'],
  ['keys', 'key'],
  ['key_allias', 'key_alias'],
])('%s was meant to be %s', (word, name) => {
  expect(nearName(word, NAMES)).toBe(name);
});

test.each(['x', 'ke', 'something_else', 'budget', ''])('%j is near to none', (word) => {
  expect(nearName(word, NAMES)).toBeUndefined();
});
