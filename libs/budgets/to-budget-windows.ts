import { type BudgetReset, type BudgetWindow, GatewayError } from '#contracts';
import type { BudgetFields, UsdField } from './limit-fields.ts';
import { picoOf, usdOf } from './money.ts';
import { fitsCalendar, isTimeZone, parsePeriod } from './period.ts';

export interface WindowOptions {
  /** Unix milliseconds: when windows that are not among `before` begin to count. */
  readonly now: number;
  /** The windows until now. One that keeps its period keeps its spend; any other starts with none (none of an older time is brought into it). */
  readonly before?: readonly BudgetWindow[] | undefined;
  /** Where days begin unless the fields say so; UTC unless given. */
  readonly timeZone?: string | undefined;
  /** The fields' place in what the client sent, for messages: `model_max_budget.gpt-4o.`. */
  readonly path?: string | undefined;
}

/** More is a mistake: the cap of a budget that only tells its owner (`soft_budget` alone). */
export const MOST_USD = '1000000000';
const MOST_PICO = picoOf(MOST_USD);
const MAX_WINDOWS = 10;
/** The window of `max_budget`; those of `budget_limits` are named by their period. */
const MAIN = 'budget';
/** LiteLLM's standard resets; every other length is counted from when it was set. */
const CALENDAR_LENGTHS: ReadonlySet<string> = new Set(['24h', '1d', '7d', '1w', '30d', '1mo']);

/**
 * The windows of what a client said, several at once where it said `budget_limits` too. Throws `invalid_request` that names the field for
 * what is negative, absurd or contradicts itself.
 */
export function toBudgetWindows(fields: BudgetFields, options: WindowOptions): BudgetWindow[] {
  const limits = fields.budget_limits ?? [];
  if (limits.length > MAX_WINDOWS) refuse(options, 'budget_limits', `at most ${MAX_WINDOWS} windows`);
  const main = mainWindow(fields, options);
  const windows = limits.map((limit, index) => {
    const path = `budget_limits[${index}].`;
    const period = readPeriod(limit.budget_duration, options, `${path}budget_duration`);
    if (limits.findIndex((other) => other.budget_duration.trim() === period) < index) {
      refuse(options, `${path}budget_duration`, `there are two windows of ${period}`);
    }
    const limitUsd = readUsd(limit.max_budget, options, `${path}max_budget`);
    return begun({ id: period, limitUsd, ...resetOf(period, fields, options) }, options);
  });
  return [...(main === undefined ? [] : [main]), ...windows];
}

function mainWindow(fields: BudgetFields, options: WindowOptions): BudgetWindow | undefined {
  const { max_budget: most, soft_budget: soft, budget_duration: duration } = fields;
  const period = duration == null ? undefined : readPeriod(duration, options, 'budget_duration');
  const reset = resetOf(period, fields, options);
  const increase = readIncrease(fields, options);
  const softUsd = soft == null ? undefined : readUsd(soft, options, 'soft_budget');
  if (most == null) {
    if (increase !== undefined) refuse(options, 'temp_budget_increase', 'there is no max_budget that it could increase');
    // a length alone limits nothing: LiteLLM takes it, and so do the defaults of its clients
    return softUsd === undefined ? undefined : begun({ id: MAIN, limitUsd: MOST_USD, ...reset, softUsd }, options);
  }
  const limitUsd = readUsd(most, options, 'max_budget');
  if (softUsd !== undefined && picoOf(softUsd) > picoOf(limitUsd)) refuse(options, 'soft_budget', 'is more than max_budget');
  return begun({ id: MAIN, limitUsd, ...reset, increase, softUsd }, options);
}

type Unbegun = Omit<BudgetWindow, 'startsAt'>;

function begun(window: Unbegun, { now, before }: WindowOptions): BudgetWindow {
  const same = before?.find(
    ({ id, period, reset, timeZone }) =>
      id === window.id && period === window.period && reset === window.reset && timeZone === window.timeZone,
  );
  const entries = Object.entries({ ...window, startsAt: same?.startsAt ?? now, carriedUsd: same?.carriedUsd }).filter(
    ([, value]) => value !== undefined,
  );
  return { id: window.id, limitUsd: window.limitUsd, ...Object.fromEntries(entries) };
}

function readPeriod(text: string, options: WindowOptions, field: string): string {
  if (parsePeriod(text) === undefined) refuse(options, field, 'give a time like 30s, 30m, 24h, 7d, 2w or 1mo');
  return text.trim();
}

type Reset = Pick<BudgetWindow, 'period' | 'reset' | 'timeZone'>;

function resetOf(period: string | undefined, fields: BudgetFields, options: WindowOptions): Reset {
  const { budget_reset: asked, budget_time_zone: zone } = fields;
  if (zone != null && !isTimeZone(zone)) refuse(options, 'budget_time_zone', 'give an IANA time zone like Europe/Berlin or UTC');
  if (period === undefined) {
    if (asked != null && (fields.budget_limits ?? []).length === 0) refuse(options, 'budget_reset', 'needs a budget_duration');
    return {};
  }
  const parsed = parsePeriod(period);
  if (asked === 'calendar' && parsed !== undefined && !fitsCalendar(parsed)) {
    refuse(options, 'budget_reset', `${period} does not divide a day: take fixed or rolling, or another budget_duration`);
  }
  const reset: BudgetReset = asked ?? (CALENDAR_LENGTHS.has(period) ? 'calendar' : 'fixed');
  const timeZone = zone ?? options.timeZone;
  return { period, reset, ...(timeZone === undefined || reset === 'rolling' ? {} : { timeZone }) };
}

function readIncrease(fields: BudgetFields, options: WindowOptions): BudgetWindow['increase'] {
  const { temp_budget_increase: amount, temp_budget_expiry: expiry } = fields;
  if (amount == null && expiry == null) return undefined;
  if (amount == null) return refuse(options, 'temp_budget_expiry', 'needs a temp_budget_increase');
  if (expiry == null) return refuse(options, 'temp_budget_increase', 'needs a temp_budget_expiry');
  const until = Date.parse(expiry);
  if (Number.isNaN(until)) return refuse(options, 'temp_budget_expiry', 'give a date and time like 2026-12-31T23:59:59Z');
  return { usd: readUsd(amount, options, 'temp_budget_increase'), until };
}

/** Plain decimal text; what is finer than a pico-dollar is rounded up. */
function readUsd(amount: UsdField, options: WindowOptions, field: string): string {
  const text = String(amount).trim();
  if (text.startsWith('-') && !/^-0*(\.0*)?$/.test(text)) return refuse(options, field, 'must not be negative');
  const pico = readPico(text.replace(/^-/, ''));
  if (pico === undefined) return refuse(options, field, 'give an amount of US dollars, like 5 or 0.25');
  if (pico > MOST_PICO) return refuse(options, field, `must not be more than ${MOST_USD} US dollars; leave it out for no limit`);
  return usdOf(pico);
}

function readPico(text: string): bigint | undefined {
  try {
    return picoOf(text);
  } catch {
    return undefined;
  }
}

function refuse({ path = '' }: WindowOptions, field: string, message: string): never {
  throw new GatewayError('invalid_request', `${path}${field}: ${message}.`, { param: `${path}${field}` });
}
