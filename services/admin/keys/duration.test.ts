import { expect, test } from 'vitest';
import { addDuration } from './duration.ts';

const from = new Date('2024-01-31T10:00:00.000Z');

test.each([
  ['30s', '2024-01-31T10:00:30.000Z'],
  ['30m', '2024-01-31T10:30:00.000Z'],
  ['30h', '2024-02-01T16:00:00.000Z'],
  ['30d', '2024-03-01T10:00:00.000Z'],
  ['2w', '2024-02-14T10:00:00.000Z'],
  ['1mo', '2024-02-29T10:00:00.000Z'],
  ['13mo', '2025-02-28T10:00:00.000Z'],
  [' 1h ', '2024-01-31T11:00:00.000Z'],
  ['1200mo', '2124-01-31T10:00:00.000Z'],
])('%s later is %s', (duration, expected) => {
  expect(addDuration(from, duration)?.toISOString()).toBe(expected);
});

test.each(['', '30', 'd', '0d', '-1d', '1.5h', '1y', '1 d', '30D', 'forever', '1201mo', '999999999999d'])(
  '%j is no duration',
  (duration) => {
    expect(addDuration(from, duration)).toBeUndefined();
  },
);
