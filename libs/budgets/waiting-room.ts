import type { AdmissionAnswer, AdmissionAsk } from '#contracts';
import { type BudgetMeter, budgetRefusal } from './budget-meter.ts';
import type { Decision } from './decide.ts';
import { createParking, type ParkedAsk } from './parking.ts';

/** Asks on their way to an answer: decided at once, or parked until there is room. */
export interface WaitingRoom {
  /** Its answer; undefined while it waits. */
  enter(ask: AdmissionAsk, ingress: string): AdmissionAnswer | undefined;
  leave(job: string): void;
  /** The budgets that it waits for. */
  blockedBy(job: string): readonly BudgetMeter[];
  /** Whether somebody waits for this budget. */
  isQueued(meter: BudgetMeter): boolean;
  /** There may be room in these budgets: those that wait for them are looked at by the next `wake`. */
  freed(budgets: readonly BudgetMeter[]): void;
  freedAll(): void;
  /** Answers those for whom there is room, or never will be. */
  wake(): void;
  /** Refuses those whose deadline has passed. */
  refuseLate(): void;
  readonly size: number;
}

export interface WaitingRoomOptions {
  readonly now: () => number;
  readonly judge: (ask: AdmissionAsk, isQueued: (meter: BudgetMeter) => boolean) => Decision;
  /** Does what was decided. */
  readonly admit: (ask: AdmissionAsk, ingress: string, decision: Decision & { readonly kind: 'admit' }) => AdmissionAnswer;
  readonly refuse: (job: string, decision: Omit<Decision & { readonly kind: 'refuse' }, 'kind'>) => AdmissionAnswer;
  readonly onAnswer: (ingress: string, answer: AdmissionAnswer) => void;
}

export function createWaitingRoom({ now, judge, admit, refuse, onAnswer }: WaitingRoomOptions): WaitingRoom {
  const parking = createParking();
  const freed = new Set<BudgetMeter>();
  let arrivals = 0;

  const refuseFor = (job: string, by: BudgetMeter): AdmissionAnswer => refuse(job, { refusal: budgetRefusal(by, now()), by });
  const decide = (ask: AdmissionAsk, ingress: string, place: number): AdmissionAnswer | undefined => {
    const decision = judge(ask, (meter) => parking.isQueued(meter, place));
    if (decision.kind === 'admit') return admit(ask, ingress, decision);
    if (decision.kind === 'refuse') return refuse(ask.job, decision);
    const [first] = decision.blockedBy;
    if (first !== undefined && ask.deadlineAt <= now()) return refuseFor(ask.job, first);
    parking.put({ ask, ingress, place, blockedBy: decision.blockedBy });
    return undefined;
  };
  const unpark = (parked: ParkedAsk): void => {
    parking.remove(parked);
    for (const meter of parked.blockedBy) freed.add(meter);
  };
  /** In order of arrival, until one of them has to wait on: whoever comes behind it does not go first. */
  const wakeThoseAt = (meter: BudgetMeter): void => {
    for (let [head] = parking.waitingFor(meter); head !== undefined; [head] = parking.waitingFor(meter)) {
      unpark(head);
      freed.delete(meter);
      const answer = decide(head.ask, head.ingress, head.place);
      if (answer !== undefined) onAnswer(head.ingress, answer);
      else if (parking.find(head.ask.job)?.blockedBy.includes(meter) === true) return;
    }
  };

  return {
    enter(ask, ingress) {
      if (parking.find(ask.job) !== undefined) return undefined;
      arrivals += 1;
      return decide(ask, ingress, arrivals);
    },
    leave(job) {
      const parked = parking.find(job);
      if (parked !== undefined) unpark(parked);
    },
    blockedBy: (job) => parking.find(job)?.blockedBy ?? [],
    isQueued: (meter) => parking.waitingFor(meter).length > 0,
    freed(budgets) {
      for (const meter of budgets) freed.add(meter);
    },
    freedAll() {
      for (const meter of parking.budgets()) freed.add(meter);
    },
    wake() {
      for (const meter of freed) {
        freed.delete(meter);
        wakeThoseAt(meter);
      }
    },
    refuseLate() {
      for (const parked of parking.all()) {
        const [first] = parked.blockedBy;
        if (parked.ask.deadlineAt > now() || first === undefined) continue;
        unpark(parked);
        onAnswer(parked.ingress, refuseFor(parked.ask.job, first));
      }
    },
    get size() {
      return parking.size;
    },
  };
}
