import { expect, it } from 'vitest';
import { abilitiesOf } from './model-generation.ts';

it.each([
  ['claude-3-5-sonnet-20241022', { thinking: 'budget', outputSchema: false }],
  ['claude-sonnet-4-20250514', { thinking: 'budget', outputSchema: false }],
  ['claude-opus-4-1-20250805', { thinking: 'budget', outputSchema: true }],
  ['claude-haiku-4-5', { thinking: 'budget', sampling: true }],
  ['claude-opus-4-6', { thinking: 'adaptive', xhighEffort: false, sampling: true }],
  ['claude-opus-4.7', { thinking: 'adaptive', xhighEffort: true, sampling: false }],
  ['claude-opus-4-10', { thinking: 'adaptive', xhighEffort: true }],
  ['anthropic/claude-sonnet-5@20260801', { thinking: 'adaptive', outputSchema: true }],
  ['my-alias', { thinking: 'budget', outputSchema: true, sampling: true }],
])('knows the generation of %s', (model, abilities) => {
  expect(abilitiesOf(model)).toMatchObject(abilities);
});
