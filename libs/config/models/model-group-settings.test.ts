import { expect, test } from 'vitest';
import { modelGroupSettings } from './model-group-settings.ts';

const AGENT = { singleFlight: true };

test.each(['constructor', '__proto__', 'toString', 'hasOwnProperty'])('a model that is called %s has no settings', (group) => {
  expect(modelGroupSettings({ modelGroups: { agent: AGENT } }, group)).toBeUndefined();
});

test('a group has its own', () => {
  expect(modelGroupSettings({ modelGroups: { agent: AGENT } }, 'agent')).toBe(AGENT);
});
