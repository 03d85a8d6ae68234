import type { BudgetAlert } from '#contracts';
import { type BudgetMeter, limitAt } from './budget-meter.ts';
import { usdOf } from './money.ts';

/** A call that finds no room is news where so much is used, in percent: before, it was the call that was too dear. */
const USED_UP = 95n;

/** What its owner has to be told now: each limit once in a period. `refused` says that a call found no room in it. */
export function alertOf(meter: BudgetMeter, at: number, refused: boolean): BudgetAlert | undefined {
  const { softUsd } = meter.window;
  const limit = limitAt(meter, at);
  if (meter.told !== 'reached' && (meter.spent >= limit || (refused && meter.spent * 100n >= limit * USED_UP))) {
    meter.told = 'reached';
    return { kind: 'budget_reached', ...wordsOf(meter), limitUsd: usdOf(limit) };
  }
  if (meter.told !== 'nothing' || softUsd === undefined || meter.soft === undefined || meter.spent < meter.soft) return undefined;
  meter.told = 'soft';
  return { kind: 'soft_budget', ...wordsOf(meter), limitUsd: softUsd };
}

function wordsOf(meter: BudgetMeter): Omit<BudgetAlert, 'kind' | 'limitUsd'> {
  const { scope, model, window, spent, startsAt, endsAt, rolling } = meter;
  const period = rolling === undefined && window.period !== undefined ? { startsAt, resetsAt: endsAt } : {};
  return { scope, model, window: window.id, period: window.period, spentUsd: usdOf(spent), ...period };
}
