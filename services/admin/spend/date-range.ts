import { GatewayError } from '#contracts';
import { nextDay, readTimeZone, startOfDay } from './time-zone.ts';

const DAY = /^\d{4}-\d{2}-\d{2}$/;
const INSTANT = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})?$/;

export interface DateRange {
  /** Included. */
  readonly from: Date | undefined;
  /** Not included. */
  readonly until: Date | undefined;
  /** IANA name. */
  readonly timeZone: string;
}

/**
 * Reads `start_date`, `end_date` and `timezone`. An end date is part of the range, all day. Throws `invalid_request` with the field
 * at fault.
 */
export function readDateRange(asked: {
  readonly start_date?: string | undefined;
  readonly end_date?: string | undefined;
  readonly timezone?: string | undefined;
}): DateRange {
  const timeZone = readTimeZone(asked.timezone);
  const from = dateOf(asked.start_date, 'start_date', (text) => startOf(text, timeZone));
  const until = dateOf(asked.end_date, 'end_date', (text) => endOf(text, timeZone));
  if (from !== undefined && until !== undefined && from >= until) {
    throw new GatewayError('invalid_request', 'end_date is before start_date.', { param: 'end_date' });
  }
  return { from, until, timeZone };
}

/** The first instant of a day or time as written, in `timeZone` where it is a day, UTC where a time names no zone; `undefined` when it is neither. */
export function startOf(text: string, timeZone = 'UTC'): Date | undefined {
  if (isDay(text)) return startOfDay(text, timeZone);
  return instantOf(text);
}

/** The first instant after a day or time as written: an end date is part of the range, all day. */
export function endOf(text: string, timeZone = 'UTC'): Date | undefined {
  if (isDay(text)) return startOfDay(nextDay(text), timeZone);
  const instant = instantOf(text);
  return instant && new Date(instant.getTime() + 1);
}

/** 2025-02-30 is read as March 2 by some and refused by others; a year of 0 is none. */
function isDay(text: string): boolean {
  const date = DAY.test(text) ? new Date(text) : undefined;
  return date !== undefined && !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text) && date.getUTCFullYear() > 0;
}

function instantOf(text: string): Date | undefined {
  if (!INSTANT.test(text) || !isDay(text.slice(0, 10))) return undefined;
  const hasZone = /(Z|[+-]\d{2}:?\d{2})$/.test(text.slice(10));
  const date = new Date(hasZone ? text : `${text}Z`);
  return Number.isNaN(date.getTime()) ? undefined : date;
}

function dateOf(text: string | undefined, param: string, read: (text: string) => Date | undefined): Date | undefined {
  if (text === undefined || text === '') return undefined;
  const date = read(text);
  if (date !== undefined) return date;
  throw new GatewayError('invalid_request', `${param}: give a day (2025-01-31) or a time (2025-01-31T12:00:00Z).`, { param });
}
