import type { AdmissionAsk } from '#contracts';
import type { BudgetMeter } from './budget-meter.ts';

/** An ask that only other calls' holds stand in the way of. */
export interface ParkedAsk {
  readonly ask: AdmissionAsk;
  readonly ingress: string;
  /** Order of arrival. */
  readonly place: number;
  /** The budgets without room: it is looked at again when one of them has more. */
  readonly blockedBy: readonly BudgetMeter[];
}

/** Asks that wait, by the budgets they wait for, in order of arrival. */
export interface Parking {
  find(job: string): ParkedAsk | undefined;
  /** Whether somebody who came before waits for this budget: who comes later does not go first. */
  isQueued(meter: BudgetMeter, place: number): boolean;
  put(parked: ParkedAsk): void;
  remove(parked: ParkedAsk): void;
  /** Those that wait for it, the earliest first. */
  waitingFor(meter: BudgetMeter): readonly ParkedAsk[];
  all(): readonly ParkedAsk[];
  budgets(): readonly BudgetMeter[];
  readonly size: number;
}

export function createParking(): Parking {
  const byJob = new Map<string, ParkedAsk>();
  const byBudget = new Map<BudgetMeter, ParkedAsk[]>();
  const leave = (meter: BudgetMeter, parked: ParkedAsk): void => {
    const left = (byBudget.get(meter) ?? []).filter((one) => one !== parked);
    if (left.length > 0) byBudget.set(meter, left);
    else byBudget.delete(meter);
  };
  return {
    find: (job) => byJob.get(job),
    isQueued: (meter, place) => (byBudget.get(meter)?.[0]?.place ?? place) < place,
    put(parked) {
      byJob.set(parked.ask.job, parked);
      for (const meter of parked.blockedBy) {
        const waiting = byBudget.get(meter) ?? [];
        waiting.push(parked);
        if ((waiting.at(-2)?.place ?? 0) > parked.place) waiting.sort((one, other) => one.place - other.place);
        byBudget.set(meter, waiting);
      }
    },
    remove(parked) {
      byJob.delete(parked.ask.job);
      for (const meter of parked.blockedBy) leave(meter, parked);
    },
    waitingFor: (meter) => byBudget.get(meter) ?? [],
    all: () => [...byJob.values()],
    budgets: () => [...byBudget.keys()],
    get size() {
      return byJob.size;
    },
  };
}
