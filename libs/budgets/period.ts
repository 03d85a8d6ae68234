import { Temporal } from 'temporal-polyfill';
import type { BudgetWindow } from '#contracts';

/** A stretch of time, Unix milliseconds: from `startsAt` to before `endsAt`; without an end it goes on, or moves along. */
export interface PeriodBounds {
  readonly startsAt: number;
  readonly endsAt: number | undefined;
}

const UNITS = ['s', 'm', 'h', 'd', 'w', 'mo'] as const;
export type PeriodUnit = (typeof UNITS)[number];

/** A length as people write it: `7d` is seven days. */
export interface Period {
  readonly count: number;
  readonly unit: PeriodUnit;
}

const PERIOD = /^(\d{1,9})(s|m|h|d|w|mo)$/;
const DAY_MS = 86_400_000;
/** Months are of different lengths; where a length is needed, of a rolling window, they are 30 days. */
const UNIT_MS: Readonly<Record<PeriodUnit, number>> = {
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: DAY_MS,
  w: 7 * DAY_MS,
  mo: 30 * DAY_MS,
};
const LONGEST_MS = 100 * 366 * DAY_MS;

/** Reads `30s`, `30m`, `24h`, `7d`, `2w`, `1mo`. Undefined for anything else, for nothing and for more than a hundred years. */
export function parsePeriod(text: string): Period | undefined {
  const match = PERIOD.exec(text.trim());
  const count = Number(match?.[1]);
  const unit = UNITS.find((one) => one === match?.[2]);
  if (unit === undefined || count < 1 || count * UNIT_MS[unit] > LONGEST_MS) return undefined;
  return { count, unit };
}

/** How long it is; a month counts as 30 days. */
export function periodMs({ count, unit }: Period): number {
  return count * UNIT_MS[unit];
}

/** Whether its calendar periods begin where people expect it: hours, minutes and seconds must divide a day. */
export function fitsCalendar(period: Period): boolean {
  const lengthMs = periodMs(period);
  return lengthMs % DAY_MS === 0 || DAY_MS % lengthMs === 0;
}

/**
 * The period of a window that a time is in. It never begins before `window.startsAt`, since nothing is counted before that.
 *
 * - no period: one that has no end
 * - `fixed` (unless said otherwise): counted from `startsAt`, else from 1970; months keep the day and time of `startsAt` in the time zone
 * - `rolling`: one length back from `at`, without an end
 * - `calendar`: `24h` and `1d` begin at midnight, `7d` and `1w` on Monday, `30d` and `1mo` on the first of the month, each in the time zone.
 *   Several of them are counted from the beginning of 1970: `3mo` are quarters, `12mo` years, `2w` every other week. Hours and less begin
 *   anew at midnight.
 *
 * Throws `RangeError` for a period or time zone that nobody can read.
 */
export function periodAt(window: Pick<BudgetWindow, 'period' | 'reset' | 'timeZone' | 'startsAt'>, at: number): PeriodBounds {
  const from = window.startsAt ?? 0;
  if (window.period === undefined) return { startsAt: from, endsAt: undefined };
  const period = parsePeriod(window.period);
  if (period === undefined) throw new RangeError(`not a period: ${JSON.stringify(window.period)}`);
  const zone = window.timeZone ?? 'UTC';
  // what comes before the beginning (clocks differ) is in the first period
  const time = Math.max(at, from);
  if (window.reset === 'rolling') return { startsAt: Math.max(time - periodMs(period), from), endsAt: undefined };
  const { startsAt, endsAt } = window.reset === 'calendar' ? calendarPeriod(period, zone, time) : fixedPeriod(period, { zone, from, time });
  return { startsAt: Math.max(startsAt, from), endsAt };
}

interface FixedPlace {
  readonly zone: string;
  readonly from: number;
  readonly time: number;
}

function fixedPeriod(period: Period, { zone, from, time }: FixedPlace): Required<PeriodBounds> {
  if (period.unit !== 'mo') {
    const lengthMs = periodMs(period);
    const startsAt = from + Math.floor((time - from) / lengthMs) * lengthMs;
    return { startsAt, endsAt: startsAt + lengthMs };
  }
  const first = zoned(from, zone);
  const elapsed = first.until(zoned(time, zone), { largestUnit: 'months' }).months;
  // from the 31st, a shorter month ends a day or more early: `until` and `add` may differ by one period there
  let done = Math.max(0, Math.floor(elapsed / period.count) - 1);
  const startOf = (index: number): number => first.add({ months: index * period.count }).epochMilliseconds;
  while (startOf(done + 1) <= time) done += 1;
  return { startsAt: startOf(done), endsAt: startOf(done + 1) };
}

/** Monday, 5 January 1970. */
const FIRST_MONDAY = 4;

function calendarPeriod(period: Period, zone: string, time: number): Required<PeriodBounds> {
  const today = zoned(time, zone).toPlainDate();
  const months = period.unit === 'mo' ? period.count : monthsOf(period);
  if (months !== undefined) {
    const index = Math.floor(((today.year - 1970) * 12 + today.month - 1) / months) * months;
    const first = new Temporal.PlainDate(1970, 1, 1);
    return { startsAt: midnight(first.add({ months: index }), zone), endsAt: midnight(first.add({ months: index + months }), zone) };
  }
  const lengthMs = periodMs(period);
  if (lengthMs % DAY_MS !== 0) return partOfDay(lengthMs, today, { zone, time });
  const days = lengthMs / DAY_MS;
  const epoch = new Temporal.PlainDate(1970, 1, 1).add({ days: days % 7 === 0 ? FIRST_MONDAY : 0 });
  const index = Math.floor(epoch.until(today, { largestUnit: 'days' }).days / days) * days;
  return { startsAt: midnight(epoch.add({ days: index }), zone), endsAt: midnight(epoch.add({ days: index + days }), zone) };
}

/** `30d` means a month to everybody who writes it. */
function monthsOf(period: Period): number | undefined {
  return periodMs(period) === UNIT_MS.mo ? 1 : undefined;
}

/** Counted from midnight; the last one of a day ends with it, however long the day is. */
function partOfDay(lengthMs: number, today: Temporal.PlainDate, { zone, time }: Omit<FixedPlace, 'from'>): Required<PeriodBounds> {
  const from = midnight(today, zone);
  const until = midnight(today.add({ days: 1 }), zone);
  const startsAt = from + Math.floor((time - from) / lengthMs) * lengthMs;
  return { startsAt, endsAt: Math.min(startsAt + lengthMs, until) };
}

/** Whether days can be counted by it: an IANA name. */
export function isTimeZone(text: string): boolean {
  try {
    return text !== '' && new Intl.DateTimeFormat('en', { timeZone: text }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

function zoned(time: number, zone: string): Temporal.ZonedDateTime {
  return Temporal.Instant.fromEpochMilliseconds(Math.floor(time)).toZonedDateTimeISO(zone);
}

/** The beginning of the day: 1:00 where clocks go forward at midnight. */
function midnight(date: Temporal.PlainDate, zone: string): number {
  return date.toZonedDateTime({ timeZone: zone }).epochMilliseconds;
}
