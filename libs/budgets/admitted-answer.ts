import type { AdmissionAnswer } from '#contracts';
import type { BudgetMeter } from './budget-meter.ts';
import { type Hold, ticketOf } from './hold.ts';
import { usdOf } from './money.ts';
import { remainingOf } from './rate-meter.ts';

/** What the ingress of an admitted job is told. */
export function admittedAnswer(hold: Hold, excluded: readonly string[]): AdmissionAnswer {
  return {
    job: hold.ticket.job,
    admitted: true,
    ticket: ticketOf(hold),
    durable: hold.ticket.durable,
    excluded: excluded.length === 0 ? undefined : excluded,
    remaining: hold.rates.length === 0 ? undefined : hold.rates.flatMap(remainingOf),
    keySpendUsd: keySpend(hold.budgets),
  };
}

/** What the key has spent and holds in its widest budget. */
function keySpend(budgets: readonly BudgetMeter[]): string | undefined {
  const own = budgets.filter(({ scope, model }) => scope.kind === 'key' && model === undefined);
  const [first] = own.toSorted((one, other) => one.startsAt - other.startsAt);
  return first && usdOf(first.spent + first.reserved);
}
