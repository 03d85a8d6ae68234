import type { AttemptEvent } from '#contracts';
import { createAttemptBook, type LostAttempt } from './attempt-book.ts';
import { alertOf } from './budget-alert.ts';
import { type BudgetMeter, budgetRefusal, roomIn } from './budget-meter.ts';
import type { EngineOptions } from './engine.ts';
import type { HoldBook } from './hold-book.ts';
import { changeHeld, type Hold } from './hold.ts';
import type { MeterBook } from './meter-book.ts';
import { isUsd, least, picoOf } from './money.ts';
import type { PastCalls } from './past-calls.ts';

/** The stream's events, each counted once. */
export interface Settlement {
  /** `isPast` while a new leader reads what happened before it. */
  settle(event: AttemptEvent, place: { readonly seq: number; readonly isPast?: boolean }): void;
  /** Estimates that may still be replaced. */
  lost(): readonly LostAttempt[];
  restore(lost: readonly LostAttempt[]): void;
}

export interface SettlementParts {
  readonly meters: MeterBook;
  readonly holds: HoldBook;
  readonly past: PastCalls;
  readonly room: { freed(budgets: readonly BudgetMeter[]): void };
}

type SettlementOptions = Pick<EngineOptions, 'now' | 'onAlert' | 'onStop' | 'unknownPriceUsd'>;

/** What events of the stream do: spend is counted, holds end or go on. */
export function createSettlement(options: SettlementOptions, { meters, holds, past, room }: SettlementParts): Settlement {
  const { now, onAlert, onStop } = options;
  const attempts = createAttemptBook();

  const costOf = ({ cost, status }: AttemptEvent): string => {
    // what the ledger would not take either counts for nothing, and its job is over all the same
    if (cost !== undefined) return isUsd(cost.totalUsd) ? cost.totalUsd : '0';
    return status === 'success' ? (options.unknownPriceUsd?.() ?? '0') : '0';
  };
  const charge = (event: AttemptEvent, costUsd: string, seq: number, lost: LostAttempt | undefined): void => {
    const takenBack = lost === undefined ? [] : [{ of: lost, pico: -picoOf(lost.costUsd) }];
    const touched = meters.charge(seq, [...takenBack, { of: event, pico: picoOf(costUsd) }]);
    room.freed(touched);
    for (const meter of touched) {
      const alert = alertOf(meter, now(), false);
      if (alert !== undefined) onAlert(alert);
    }
  };
  /** What a failed attempt cost is gone; the next one keeps what there is room for. */
  const goOn = (hold: Hold): void => {
    const left = least(hold.budgets.map((meter) => roomIn(meter, now()))) ?? 0n;
    if (left >= 0n) return;
    changeHeld(hold, hold.pico + left > 0n ? hold.pico + left : 0n);
    const full = hold.budgets.find((meter) => roomIn(meter, now()) <= 0n);
    if (hold.pico < hold.least && full !== undefined) onStop(hold.ingress, hold.ticket.job, budgetRefusal(full, now()));
  };

  return {
    settle(event, { seq, isPast = false }) {
      const costUsd = costOf(event);
      const booked = attempts.book(event, { costUsd });
      if (booked.kind === 'known') return void meters.charge(seq, []);
      const lost = booked.kind === 'replaces' ? booked.lost : undefined;
      charge(event, costUsd, seq, lost);
      // the job went on without an attempt that was taken for lost: its last word is another's
      const isOver = event.verdict === 'done' && lost === undefined;
      const hold = holds.find(event.job);
      if (hold !== undefined) {
        holds.attempted(hold, event, { lost, isOver });
        if (!isOver) goOn(hold);
      } else if (isPast) past.count(event, meters.ofCaller(event.by, event.modelGroup).rates);
      if (isOver) holds.forget(event.job);
    },
    lost: attempts.lost,
    restore: attempts.restore,
  };
}
