import { expect, test } from 'vitest';
import type { HoldMode, HoldRecord } from '#contracts';
import { holdOn } from './hold-on.ts';

const hold = (mode: HoldMode, place: { provider?: string; tier?: string }): HoldRecord => ({
  v: 1,
  kind: 'hold',
  mode,
  since: 0,
  by: 'x',
  ...place,
});
const place = { provider: 'openai', tier: 'fast' };

test.each([
  ['a provider with all its tiers', [hold('pause', { provider: 'openai' })], 'pause'],
  ['a tier at all providers', [hold('drain', { tier: 'fast' })], 'drain'],
  ['one tier of one provider', [hold('drain', { provider: 'openai', tier: 'fast' })], 'drain'],
  ['another tier of the provider: no', [hold('drain', { provider: 'openai', tier: 'strong' })], undefined],
  ['another provider: no', [hold('pause', { provider: 'mistral' })], undefined],
  ['of a pause and a drain the pause', [hold('drain', { provider: 'openai' }), hold('pause', { tier: 'fast' })], 'pause'],
  ['nothing', [], undefined],
])('holds back %s', (_what, holds, mode) => {
  expect(holdOn({ holds }, place)).toBe(mode);
});
