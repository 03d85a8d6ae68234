import type { BudgetWindow, Refusal, Scope } from '#contracts';
import { picoOf, usdOf } from './money.ts';
import { parsePeriod, periodAt, periodMs } from './period.ts';

/**
 * One window of a scope's budget: what is spent in its present period and what calls under way hold of it. Amounts in pico-dollars,
 * times in Unix milliseconds. A call counts for the period in which it ended; what it holds is held in whichever period is the present one.
 */
export interface BudgetMeter {
  readonly scope: Scope;
  /** Of a limit for one model: that model group. */
  readonly model: string | undefined;
  window: BudgetWindow;
  limit: bigint;
  /** Of the soft budget. */
  soft: bigint | undefined;
  startsAt: number;
  endsAt: number | undefined;
  spent: bigint;
  reserved: bigint;
  /** Of a rolling window: spend by time. */
  rolling: RollingSpend | undefined;
  /** What its owner was told in this period. */
  told: 'nothing' | 'soft' | 'reached';
}

/** A rolling window forgets in steps of a sixtieth of its length, never early. */
interface RollingSpend {
  readonly lengthMs: number;
  readonly stepMs: number;
  readonly steps: Map<number, bigint>;
  /** Nothing is forgotten before, Unix milliseconds: every call is decided by a meter that is brought to its time several times. */
  nextAt: number;
}

const STEPS = 60;

export interface MeterPlace {
  readonly scope: Scope;
  readonly model: string | undefined;
}

export function createBudgetMeter({ scope, model }: MeterPlace, window: BudgetWindow, at: number): BudgetMeter {
  const { startsAt, endsAt } = periodAt(window, at);
  const meter: BudgetMeter = {
    scope,
    model,
    window,
    limit: picoOf(window.limitUsd),
    soft: softOf(window),
    startsAt,
    endsAt,
    spent: 0n,
    reserved: 0n,
    rolling: rollingSpend(window),
    told: 'nothing',
  };
  carry(meter);
  return meter;
}

/** Only into the period that begins with the window itself: later ones begin with nothing. */
function carry(meter: BudgetMeter): void {
  const { carriedUsd, startsAt } = meter.window;
  if (carriedUsd !== undefined && startsAt !== undefined && startsAt >= meter.startsAt) add(meter, startsAt, picoOf(carriedUsd));
}

function softOf({ softUsd }: BudgetWindow): bigint | undefined {
  return softUsd === undefined ? undefined : picoOf(softUsd);
}

function rollingSpend({ reset, period }: BudgetWindow): RollingSpend | undefined {
  const length = reset === 'rolling' && period !== undefined ? parsePeriod(period) : undefined;
  if (length === undefined) return undefined;
  const lengthMs = periodMs(length);
  return { lengthMs, stepMs: Math.max(1, Math.ceil(lengthMs / STEPS)), steps: new Map(), nextAt: 0 };
}

/**
 * Takes the window's new definition. A new limit leaves what is spent as it is; a new period, or a later beginning (spend was reset),
 * starts to count anew.
 */
export function redefine(meter: BudgetMeter, window: BudgetWindow, at: number): void {
  const before = meter.window;
  meter.window = window;
  meter.limit = picoOf(window.limitUsd);
  meter.soft = softOf(window);
  if (meter.told === 'reached' && meter.spent < limitAt(meter, at)) meter.told = 'nothing';
  const same = (['period', 'reset', 'timeZone', 'startsAt'] as const).every((field) => before[field] === window[field]);
  if (same) return;
  const { startsAt, endsAt } = periodAt(window, at);
  const isNew = startsAt > meter.startsAt || before.reset !== window.reset || before.period !== window.period;
  if (isNew) clear(meter);
  Object.assign(meter, { startsAt, endsAt, rolling: keepRolling(meter.rolling, rollingSpend(window)) });
  if (isNew) carry(meter);
}

function keepRolling(before: RollingSpend | undefined, now: RollingSpend | undefined): RollingSpend | undefined {
  return now !== undefined && before?.lengthMs === now.lengthMs ? before : now;
}

function clear(meter: BudgetMeter): void {
  meter.spent = 0n;
  meter.told = 'nothing';
  meter.rolling?.steps.clear();
}

/** Brings it to the period of this time. True when spend has become less. */
export function roll(meter: BudgetMeter, at: number): boolean {
  if (meter.rolling !== undefined) return forgetOld(meter, meter.rolling, at);
  if (meter.endsAt === undefined || at < meter.endsAt) return false;
  Object.assign(meter, periodAt(meter.window, at));
  clear(meter);
  return true;
}

function forgetOld(meter: BudgetMeter, rolling: RollingSpend, at: number): boolean {
  const { lengthMs, stepMs, steps } = rolling;
  const gone = at - lengthMs;
  meter.startsAt = gone;
  if (at < rolling.nextAt) return false;
  let freed = false;
  for (const [step, pico] of steps) {
    if ((step + 1) * stepMs > gone) continue;
    steps.delete(step);
    meter.spent -= pico;
    freed = true;
  }
  rolling.nextAt = freesAt(rolling) ?? Number.POSITIVE_INFINITY;
  if (freed && meter.spent < limitAt(meter, at)) meter.told = 'nothing';
  return freed;
}

/** Counts what was spent at that time, or takes it back (a negative amount). What is of another period changes nothing. */
export function count(meter: BudgetMeter, at: number, pico: bigint): void {
  roll(meter, at);
  if (at < Math.max(meter.startsAt, meter.window.startsAt ?? 0)) return;
  add(meter, at, pico);
}

function add(meter: BudgetMeter, at: number, pico: bigint): void {
  meter.spent += pico;
  if (meter.rolling === undefined) return;
  const { steps, stepMs, lengthMs, nextAt } = meter.rolling;
  const step = Math.floor(at / stepMs);
  steps.set(step, (steps.get(step) ?? 0n) + pico);
  meter.rolling.nextAt = Math.min(nextAt, (step + 1) * stepMs + lengthMs);
}

export function limitAt(meter: BudgetMeter, at: number): bigint {
  const { increase } = meter.window;
  return increase !== undefined && at < increase.until ? meter.limit + picoOf(increase.usd) : meter.limit;
}

/** What is neither spent nor held. Below zero when a limit was lowered, or an attempt cost more than it held. */
export function roomIn(meter: BudgetMeter, at: number): bigint {
  roll(meter, at);
  return limitAt(meter, at) - meter.spent - meter.reserved;
}

/** Whether holding so much more leaves half of the limit. Pico-dollars. */
export function leavesHalfOfBudget(meter: BudgetMeter, more: bigint, at: number): boolean {
  return (roomIn(meter, at) - more) * 2n >= limitAt(meter, at);
}

/** What all of them have room for, `most` at the most. */
export function leastRoom(meters: readonly BudgetMeter[], at: number, most: bigint): bigint {
  let found = most;
  for (const meter of meters) {
    const room = roomIn(meter, at);
    if (room < found) found = room;
  }
  return found;
}

/** What would be left if nothing were held: less than a call needs means that waiting for others is of no use. */
export function roomWithoutHolds(meter: BudgetMeter, at: number): bigint {
  roll(meter, at);
  return limitAt(meter, at) - meter.spent;
}

export function budgetRefusal(meter: BudgetMeter, at: number): Refusal {
  return {
    kind: 'budget',
    scope: meter.scope.kind,
    id: meter.scope.id,
    model: meter.model,
    window: nameOf(meter.window),
    limit: usdOf(limitAt(meter, at)),
    used: usdOf(meter.spent + meter.reserved),
    resetsAt: meter.rolling === undefined ? meter.endsAt : freesAt(meter.rolling),
  };
}

function nameOf({ id, period }: BudgetWindow): string {
  return period ?? id;
}

/** When the first of what is spent is forgotten. */
function freesAt({ steps, stepMs, lengthMs }: RollingSpend): number | undefined {
  return steps.size === 0 ? undefined : (Math.min(...steps.keys()) + 1) * stepMs + lengthMs;
}

/** As it is kept; `steps` of a rolling window by their number. */
export interface StoredMeter {
  readonly startsAt: number;
  readonly spentUsd: string;
  readonly steps?: readonly (readonly [number, string])[] | undefined;
}

export function storeMeter(meter: BudgetMeter): StoredMeter {
  const steps = meter.rolling && [...meter.rolling.steps].map(([step, pico]) => [step, usdOf(pico)] as const);
  return { startsAt: meter.startsAt, spentUsd: usdOf(meter.spent), steps };
}

/** Into a new meter of the same window. What was stored of a period that is over is not taken. */
export function restoreMeter(meter: BudgetMeter, stored: StoredMeter): void {
  if (meter.rolling !== undefined) {
    clear(meter);
    for (const [step, usd] of stored.steps ?? []) {
      const pico = signedPico(usd);
      meter.rolling.steps.set(step, pico);
      meter.spent += pico;
    }
    meter.rolling.nextAt = 0;
  } else if (stored.startsAt === meter.startsAt) meter.spent = signedPico(stored.spentUsd);
}

function signedPico(usd: string): bigint {
  return usd.startsWith('-') ? -picoOf(usd.slice(1)) : picoOf(usd);
}
