import { describe, expect, test } from 'vitest';
import { type Alert, alertEvent, alertId, alertSubject, decodeAlertEvent } from './alert-event.ts';
import { InvalidMessage } from './job.ts';

const budget = {
  kind: 'soft_budget',
  scope: { kind: 'key', id: 'a' },
  window: 'w',
  limitUsd: '4',
  spentUsd: '4.01',
  startsAt: 1_000,
} as const satisfies Alert;

describe('the name of a happening', () => {
  test('is the same for everybody who sees it, whatever was spent by then', () => {
    expect(alertId({ ...budget, spentUsd: '9', resetsAt: 7 })).toBe(alertId(budget));
  });

  test.each([
    ['another window of time', { startsAt: 2_000 }],
    ['another budget of the scope', { window: 'v' }],
    ['another model', { model: 'm' }],
    ['a limit that was raised', { limitUsd: '5' }],
    ['another kind', { kind: 'budget_reached' as const }],
    ['another scope', { scope: { kind: 'team' as const, id: 'a' } }],
  ])('differs for %s', (_name, change) => {
    expect(alertId({ ...budget, ...change })).not.toBe(alertId(budget));
  });
});

test('an alert is read as it was written', () => {
  const event = alertEvent(budget, 5_000);
  expect(decodeAlertEvent(Buffer.from(JSON.stringify(event)))).toEqual({ ...budget, v: 1, id: alertId(budget), at: 5_000 });
  expect(alertSubject(event.kind)).toBe('events.alert.soft_budget');
});

test.each([
  '',
  'null',
  '{"v":2}',
  '{"v":1,"kind":"weather"}',
  '{"v":1,"kind":"soft_budget","id":""}',
  '{"v":1,"kind":"soft_budget","id":"a"}',
])('%j is no alert', (text) => {
  expect(() => decodeAlertEvent(Buffer.from(text))).toThrow(InvalidMessage);
});
