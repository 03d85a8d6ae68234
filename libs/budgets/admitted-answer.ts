import type { AdmissionAnswer, Remaining } from '#contracts';
import type { BudgetMeter } from './budget-meter.ts';
import { type Hold, ticketOf } from './hold.ts';
import { usdOf } from './money.ts';
import { addRemaining, type RateMeter } from './rate-meter.ts';

/** What the ingress of an admitted job is told. */
export function admittedAnswer(hold: Hold, excluded: readonly string[]): AdmissionAnswer {
  return {
    job: hold.ticket.job,
    admitted: true,
    ticket: ticketOf(hold),
    durable: hold.ticket.durable,
    excluded: excluded.length === 0 ? undefined : excluded,
    remaining: hold.rates.length === 0 ? undefined : remainingOf(hold.rates),
    keySpendUsd: keySpend(hold.budgets),
  };
}

function remainingOf(rates: readonly RateMeter[]): Remaining[] {
  const remaining: Remaining[] = [];
  for (const meter of rates) addRemaining(remaining, meter);
  return remaining;
}

/** What the key has spent and holds in its widest budget. */
function keySpend(budgets: readonly BudgetMeter[]): string | undefined {
  let widest: BudgetMeter | undefined;
  for (const meter of budgets) {
    if (meter.scope.kind !== 'key' || meter.model !== undefined) continue;
    if (widest === undefined || meter.startsAt < widest.startsAt) widest = meter;
  }
  return widest && usdOf(widest.spent + widest.reserved);
}
