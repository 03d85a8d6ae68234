import { expect, test } from 'vitest';
import { endOf, startOf } from './date-range.ts';

test.each([
  ['2025-06-01', '2025-06-01T00:00:00.000Z', '2025-06-02T00:00:00.000Z'],
  ['2025-06-01T12:00:00Z', '2025-06-01T12:00:00.000Z', '2025-06-01T12:00:00.001Z'],
  ['2025-06-01 12:00', '2025-06-01T12:00:00.000Z', '2025-06-01T12:00:00.001Z'],
  ['2025-06-01T12:00:00+02:00', '2025-06-01T10:00:00.000Z', '2025-06-01T10:00:00.001Z'],
])('%s begins at %s and is over at %s', (text, start, end) => {
  expect([startOf(text)?.toISOString(), endOf(text)?.toISOString()]).toEqual([start, end]);
});

test.each(['', '2025', '2025-13-01', '2025-02-30', '01.06.2025', 'yesterday', '2025-06-01T25:00:00Z', '1748736000'])(
  '%j is no date',
  (text) => {
    expect([startOf(text), endOf(text)]).toEqual([undefined, undefined]);
  },
);
