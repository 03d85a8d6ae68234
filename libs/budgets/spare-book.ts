import type { AdmissionAnswer, AdmissionAsk, Refusal } from '#contracts';
import { admittedAnswer } from './admitted-answer.ts';
import { type BudgetMeter, leavesHalfOfBudget } from './budget-meter.ts';
import { decide, type DecideOptions, type Decision } from './decide.ts';
import type { HoldBook } from './hold-book.ts';
import type { Hold } from './hold.ts';
import { usdOf } from './money.ts';
import { leavesHalfOfRates } from './rate-meter.ts';

/**
 * Holds ahead of their jobs, where there is plenty: an ingress with many calls of one caller need not ask for each. They are ordinary holds, by the name
 * of the job that will have them, so all limits hold as they do otherwise. One without a job is given back within a second, or when it
 * stands in somebody's way.
 */
export interface SpareBook {
  /** For the first so many of these jobs, with the answer of the first. Undefined where less than half of a limit would be left. */
  give(ask: AdmissionAsk, jobs: readonly string[], ingress: string): GivenSpares | undefined;
  /** Ingresses that may have spares without a job which this refusal, or these budgets, would be without. They are taken to give them back now. */
  recall(against: Refusal | readonly BudgetMeter[]): readonly string[];
  recallAll(): readonly string[];
  /** Forgets those that must have a job by now. */
  tick(): void;
}

export interface GivenSpares {
  readonly answer: AdmissionAnswer;
  readonly given: number;
}

export interface SpareOptions {
  readonly now: () => number;
  readonly meters: DecideOptions['meters'];
  readonly holds: Pick<HoldBook, 'open'>;
  readonly isQueued: (meter: BudgetMeter) => boolean;
  readonly unknownPriceUsd: () => string | undefined;
}

/** No ingress keeps one without a job for longer. */
export const SPARE_MS = 1_000;
/** Until then it may be on its way back. */
const FORGET_MS = 3_000;

interface Given {
  readonly hold: Hold;
  readonly at: number;
}

export function createSpareBook({ now, meters, holds, isQueued, unknownPriceUsd }: SpareOptions): SpareBook {
  /** By ingress, the oldest first. */
  const given = new Map<string, Given[]>();

  const note = (ingress: string, hold: Hold): void => {
    const list = given.get(ingress);
    if (list === undefined) given.set(ingress, [{ hold, at: now() }]);
    else list.push({ hold, at: now() });
  };
  const takeThose = (isMeant: (hold: Hold) => boolean): readonly string[] => {
    const ingresses = [...given].flatMap(([ingress, list]) => (list.some(({ hold }) => isMeant(hold)) ? [ingress] : []));
    // what is not given back has a job
    for (const ingress of ingresses) given.delete(ingress);
    return ingresses;
  };

  return {
    give(ask, jobs, ingress) {
      const at = now();
      const decision = decide(ask, { at, meters, isQueued, unknownPriceUsd: unknownPriceUsd() });
      // where providers and deployments have budgets each call has to be looked at
      if (decision.kind !== 'admit' || decision.candidates.length > 0 || decision.excluded.length > 0) return undefined;
      const count = mostWithPlenty(decision, ask, { at, count: jobs.length });
      const { by, modelGroup, deadlineAt, acceptedAt, inputTokens, outputTokens } = ask;
      const heldUsd = usdOf(decision.pico);
      // its job may come that much later: it must not slide out of the windows before it
      const amounts = { pico: decision.pico, least: decision.least, meters: decision.meters, countedAt: at + SPARE_MS };
      let answer: AdmissionAnswer | undefined;
      for (const job of jobs.slice(0, count)) {
        const ticket = { job, by, modelGroup, deadlineAt, acceptedAt, inputTokens, outputTokens, heldUsd };
        const hold = holds.open(ingress, ticket, amounts);
        note(ingress, hold);
        answer ??= admittedAnswer(hold, []);
      }
      return answer && { answer, given: count };
    },
    recall: (against) =>
      takeThose(
        'kind' in against
          ? ({ rates }) => rates.some(({ scope, model }) => isOf(against, scope, model))
          : ({ budgets }) => budgets.some((meter) => against.includes(meter)),
      ),
    recallAll: () => takeThose(() => true),
    tick() {
      const since = now() - FORGET_MS;
      for (const [ingress, list] of given) {
        const left = list.filter(({ at }) => at >= since);
        if (left.length === 0) given.delete(ingress);
        else if (left.length < list.length) given.set(ingress, left);
      }
    },
  };
}

/** How many leave half of every limit: all, a quarter, or none. */
function mostWithPlenty(
  { pico, meters: { budgets, rates } }: Decision & { readonly kind: 'admit' },
  ask: AdmissionAsk,
  { at, count }: { readonly at: number; readonly count: number },
): number {
  for (const many of [count, Math.floor(count / 4)]) {
    const hasPlenty =
      budgets.every((meter) => leavesHalfOfBudget(meter, pico * BigInt(many), at)) &&
      rates.every((meter) => leavesHalfOfRates(meter, { ...ask, calls: many }, at));
    if (hasPlenty) return many;
  }
  return 0;
}

function isOf(refusal: Refusal, { kind, id }: { readonly kind: string; readonly id: string }, model: string | undefined): boolean {
  return refusal.scope === kind && refusal.id === id && refusal.model === model;
}
