import { Temporal } from 'temporal-polyfill';
import { GatewayError } from '#contracts';

/**
 * The IANA name of a time zone as a client gives it: a name, or, as browsers count (`getTimezoneOffset`), minutes behind UTC, where these
 * are whole hours. Throws `invalid_request`.
 */
export function readTimeZone(text: string | undefined): string {
  if (text === undefined || text === '' || text === '0') return 'UTC';
  const minutes = /^[+-]?\d{1,3}$/.test(text) ? Number(text) : undefined;
  const name = minutes === undefined ? text : nameOfOffset(minutes);
  if (name !== undefined && isTimeZone(name)) return name;
  throw new GatewayError('invalid_request', 'timezone: give the name of a time zone, such as Europe/Berlin.', { param: 'timezone' });
}

/** Midnight of a day (`2025-01-31`) in a time zone; the first instant of the day where clocks skip it. */
export function startOfDay(day: string, timeZone: string): Date {
  return new Date(Temporal.PlainDate.from(day).toZonedDateTime({ timeZone }).epochMilliseconds);
}

/** The day after that one. */
export function nextDay(day: string): string {
  return Temporal.PlainDate.from(day).add({ days: 1 }).toString();
}

/** `Etc/GMT+5` is five hours behind UTC: its sign is POSIX's, the same as in browsers. */
function nameOfOffset(minutes: number): string | undefined {
  const hours = minutes / 60;
  return Number.isInteger(hours) ? `Etc/GMT${hours > 0 ? '+' : ''}${hours}` : undefined;
}

function isTimeZone(name: string): boolean {
  // offsets such as +05:00 mean the opposite to Postgres
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}
