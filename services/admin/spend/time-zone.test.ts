import { expect, test } from 'vitest';
import { readDateRange } from './date-range.ts';
import { readTimeZone } from './time-zone.ts';

test.each([
  [undefined, 'UTC'],
  ['', 'UTC'],
  ['0', 'UTC'],
  ['300', 'Etc/GMT+5'],
  ['-120', 'Etc/GMT-2'],
  ['Europe/Berlin', 'Europe/Berlin'],
])('%j is %s', (text, zone) => {
  expect(readTimeZone(text)).toBe(zone);
});

test.each(['+05:00', '330', 'Nowhere', "UTC'; select 1", '99999'])('%j is refused', (text) => {
  expect(() => readTimeZone(text)).toThrow('timezone: give the name of a time zone');
});

test.each([
  // clocks go forward on March 30 and back on October 26: these days have 23 and 25 hours
  ['2025-03-30', '2025-03-30', '2025-03-29T23:00:00.000Z', '2025-03-30T22:00:00.000Z'],
  ['2025-10-26', '2025-10-26', '2025-10-25T22:00:00.000Z', '2025-10-26T23:00:00.000Z'],
  ['2025-06-01T12:00:00Z', '2025-06-01', '2025-06-01T12:00:00.000Z', '2025-06-01T22:00:00.000Z'],
])('%s to %s in Berlin', (start_date, end_date, from, until) => {
  const range = readDateRange({ start_date, end_date, timezone: 'Europe/Berlin' });
  expect([range.from?.toISOString(), range.until?.toISOString()]).toEqual([from, until]);
});

test('a day that has no midnight begins when it does', () => {
  const range = readDateRange({ start_date: '2018-11-04', timezone: 'America/Sao_Paulo' });
  expect(range.from?.toISOString()).toBe('2018-11-04T03:00:00.000Z');
});
