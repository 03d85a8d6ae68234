import { describe, expect, test } from 'vitest';
import { fitsCalendar, parsePeriod, periodAt } from './period.ts';

const iso = (time: number | undefined) => (time === undefined ? undefined : new Date(time).toISOString());
const span = (window: Parameters<typeof periodAt>[0], at: string) => {
  const { startsAt, endsAt } = periodAt(window, Date.parse(at));
  return [iso(startsAt), iso(endsAt)];
};

describe('parsePeriod', () => {
  test.each([
    ['30s', { count: 30, unit: 's' }],
    ['30m', { count: 30, unit: 'm' }],
    ['24h', { count: 24, unit: 'h' }],
    [' 7d ', { count: 7, unit: 'd' }],
    ['2w', { count: 2, unit: 'w' }],
    ['1mo', { count: 1, unit: 'mo' }],
  ])('reads %s', (text, period) => expect(parsePeriod(text)).toEqual(period));

  test.each(['', '0d', '-1d', '1.5d', 'd', '1y', '1 d', 'daily', '5000000d', '1e3s'])('refuses %j', (text) =>
    expect(parsePeriod(text)).toBeUndefined(),
  );

  test('a calendar takes days and more, and what divides a day', () => {
    const fits = (text: string) => fitsCalendar(parsePeriod(text) ?? { count: 7, unit: 'h' });
    expect(['1d', '7d', '3w', '1mo', '24h', '6h', '30m'].map(fits)).toEqual(Array.from({ length: 7 }, () => true));
    expect(['5h', '25h', '7m'].map(fits)).toEqual([false, false, false]);
  });
});

describe('periodAt', () => {
  test('without a period there is one, from where counting begins', () => {
    expect(periodAt({}, 5)).toEqual({ startsAt: 0, endsAt: undefined });
    expect(periodAt({ startsAt: 3 }, 5)).toEqual({ startsAt: 3, endsAt: undefined });
  });

  test('fixed periods are counted from their start, and what comes before it is in the first', () => {
    const window = { period: '30m', startsAt: Date.parse('2026-03-01T10:07:00Z') };
    expect(span(window, '2026-03-01T10:07:00Z')).toEqual(['2026-03-01T10:07:00.000Z', '2026-03-01T10:37:00.000Z']);
    expect(span(window, '2026-03-01T10:36:59.999Z')).toEqual(['2026-03-01T10:07:00.000Z', '2026-03-01T10:37:00.000Z']);
    expect(span(window, '2026-03-01T10:37:00Z')).toEqual(['2026-03-01T10:37:00.000Z', '2026-03-01T11:07:00.000Z']);
    expect(span(window, '2026-02-28T00:00:00Z')).toEqual(['2026-03-01T10:07:00.000Z', '2026-03-01T10:37:00.000Z']);
  });

  test.each([
    ['2026-02-27T23:00:00Z', '2026-01-31T12:00:00.000Z', '2026-02-28T12:00:00.000Z'],
    ['2026-02-28T12:00:00Z', '2026-02-28T12:00:00.000Z', '2026-03-31T12:00:00.000Z'],
    ['2026-03-30T12:00:00Z', '2026-02-28T12:00:00.000Z', '2026-03-31T12:00:00.000Z'],
    ['2031-03-31T12:00:00Z', '2031-03-31T12:00:00.000Z', '2031-04-30T12:00:00.000Z'],
  ])('fixed months from the 31st end on the last day of a shorter one: %s', (at, startsAt, endsAt) => {
    expect(span({ period: '1mo', startsAt: Date.parse('2026-01-31T12:00:00Z') }, at)).toEqual([startsAt, endsAt]);
  });

  test('a rolling window looks back its length, not before counting begins', () => {
    const window = { period: '24h', reset: 'rolling' } as const;
    expect(span(window, '2026-03-02T10:00:00Z')).toEqual(['2026-03-01T10:00:00.000Z', undefined]);
    const later = { ...window, startsAt: Date.parse('2026-03-02T09:00:00Z') };
    expect(span(later, '2026-03-02T10:00:00Z')).toEqual(['2026-03-02T09:00:00.000Z', undefined]);
    expect(span({ period: '1mo', reset: 'rolling' }, '2026-03-31T00:00:00Z')).toEqual(['2026-03-01T00:00:00.000Z', undefined]);
  });

  test.each([
    ['1d', '2026-03-04T00:00:00.000Z', '2026-03-05T00:00:00.000Z'],
    ['24h', '2026-03-04T00:00:00.000Z', '2026-03-05T00:00:00.000Z'],
    ['7d', '2026-03-02T00:00:00.000Z', '2026-03-09T00:00:00.000Z'],
    ['1w', '2026-03-02T00:00:00.000Z', '2026-03-09T00:00:00.000Z'],
    ['30d', '2026-03-01T00:00:00.000Z', '2026-04-01T00:00:00.000Z'],
    ['1mo', '2026-03-01T00:00:00.000Z', '2026-04-01T00:00:00.000Z'],
    ['3mo', '2026-01-01T00:00:00.000Z', '2026-04-01T00:00:00.000Z'],
    ['12mo', '2026-01-01T00:00:00.000Z', '2027-01-01T00:00:00.000Z'],
    ['6h', '2026-03-04T12:00:00.000Z', '2026-03-04T18:00:00.000Z'],
    ['1h', '2026-03-04T15:00:00.000Z', '2026-03-04T16:00:00.000Z'],
    ['5h', '2026-03-04T15:00:00.000Z', '2026-03-04T20:00:00.000Z'],
  ])('calendar %s: Wednesday, 4 March 2026, half past three', (period, startsAt, endsAt) => {
    expect(span({ period, reset: 'calendar' }, '2026-03-04T15:30:00Z')).toEqual([startsAt, endsAt]);
  });

  test('several days and weeks follow on one another without a gap, also before 1970', () => {
    for (const period of ['2d', '3d', '2w', '45d', '2mo', '5mo']) {
      for (const day of ['1968-05-05T12:00:00Z', '2026-03-04T12:00:00Z']) {
        const one = periodAt({ period, reset: 'calendar', startsAt: -1e12 }, Date.parse(day));
        const next = periodAt({ period, reset: 'calendar', startsAt: -1e12 }, one.endsAt ?? 0);
        expect(next.startsAt).toBe(one.endsAt);
        expect(one.startsAt).toBeLessThanOrEqual(Date.parse(day));
        expect(one.endsAt).toBeGreaterThan(Date.parse(day));
      }
    }
  });

  test('a window that began today counts from then, and ends with its calendar period', () => {
    const window = { period: '1d', reset: 'calendar', startsAt: Date.parse('2026-03-04T11:00:00Z') } as const;
    expect(span(window, '2026-03-04T15:00:00Z')).toEqual(['2026-03-04T11:00:00.000Z', '2026-03-05T00:00:00.000Z']);
    expect(span(window, '2026-03-05T15:00:00Z')).toEqual(['2026-03-05T00:00:00.000Z', '2026-03-06T00:00:00.000Z']);
  });

  test('what nobody can read throws', () => {
    expect(() => periodAt({ period: 'daily' }, 0)).toThrow(RangeError);
    expect(() => periodAt({ period: '1d', reset: 'calendar', timeZone: 'Mars/Olympus' }, 0)).toThrow(RangeError);
  });
});

describe('a day ends at midnight where its owner lives, also when clocks change', () => {
  const daily = (timeZone: string) => ({ period: '1d', reset: 'calendar', timeZone }) as const;

  test.each([
    // clocks go forward on 29 March 2026 at 2:00 and back on 25 October at 3:00
    ['the day before spring', 'Europe/Berlin', '2026-03-28T12:00:00Z', '2026-03-27T23:00:00.000Z', '2026-03-28T23:00:00.000Z', 24],
    ['the short day', 'Europe/Berlin', '2026-03-29T12:00:00Z', '2026-03-28T23:00:00.000Z', '2026-03-29T22:00:00.000Z', 23],
    ['the day after', 'Europe/Berlin', '2026-03-30T12:00:00Z', '2026-03-29T22:00:00.000Z', '2026-03-30T22:00:00.000Z', 24],
    ['the long day', 'Europe/Berlin', '2026-10-25T12:00:00Z', '2026-10-24T22:00:00.000Z', '2026-10-25T23:00:00.000Z', 25],
    ['the short day', 'America/New_York', '2026-03-08T12:00:00Z', '2026-03-08T05:00:00.000Z', '2026-03-09T04:00:00.000Z', 23],
    ['the long day', 'America/New_York', '2026-11-01T12:00:00Z', '2026-11-01T04:00:00.000Z', '2026-11-02T05:00:00.000Z', 25],
    // clocks go from 24:00 to 1:00: that day has no midnight
    ['a day without midnight', 'Africa/Cairo', '2026-04-24T12:00:00Z', '2026-04-23T22:00:00.000Z', '2026-04-24T21:00:00.000Z', 23],
  ])('%s in %s', (_name, zone, at, startsAt, endsAt, hours) => {
    expect(span(daily(zone), at)).toEqual([startsAt, endsAt]);
    expect((Date.parse(endsAt) - Date.parse(startsAt)) / 3_600_000).toBe(hours);
  });

  test.each(['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kolkata'])(
    'a clock that goes through a year in %s sees 365 resets, each at 0:00',
    (timeZone) => {
      const hour = new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
      let { endsAt } = periodAt(daily(timeZone), Date.parse('2026-01-01T12:00:00Z'));
      for (let day = 1; day <= 365; day += 1) {
        expect(hour.format(endsAt)).toBe('00:00');
        expect(periodAt(daily(timeZone), (endsAt ?? 0) - 1).endsAt).toBe(endsAt);
        const next = periodAt(daily(timeZone), endsAt ?? 0);
        expect(next.startsAt).toBe(endsAt);
        endsAt = next.endsAt;
      }
      expect(periodAt(daily(timeZone), Date.parse('2027-01-01T12:00:00Z')).endsAt).toBe(endsAt);
    },
  );

  test('weeks, months and six hours of it too', () => {
    const zone = { reset: 'calendar', timeZone: 'Europe/Berlin' } as const;
    expect(span({ ...zone, period: '7d' }, '2026-03-29T12:00:00Z')).toEqual(['2026-03-22T23:00:00.000Z', '2026-03-29T22:00:00.000Z']);
    expect(span({ ...zone, period: '1mo' }, '2026-03-29T12:00:00Z')).toEqual(['2026-02-28T23:00:00.000Z', '2026-03-31T22:00:00.000Z']);
    // the last six hours of the short day are five
    expect(span({ ...zone, period: '6h' }, '2026-03-29T21:30:00Z')).toEqual(['2026-03-29T17:00:00.000Z', '2026-03-29T22:00:00.000Z']);
  });
});
