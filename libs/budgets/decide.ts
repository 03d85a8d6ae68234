import type { AdmissionAsk, AskedCandidate, Refusal } from '#contracts';
import { type BudgetMeter, budgetRefusal, leastRoom, roomIn, roomWithoutHolds } from './budget-meter.ts';
import type { CallerMeters, MeterBook } from './meter-book.ts';
import { picoOf } from './money.ts';
import { blockedRate } from './rate-meter.ts';

/** What becomes of an ask at this moment. */
export type Decision =
  | {
      readonly kind: 'admit';
      readonly pico: bigint;
      readonly least: bigint;
      readonly meters: CallerMeters;
      /** Those whose budgets are part of `meters`. */
      readonly candidates: readonly AskedCandidate[];
      readonly excluded: readonly string[];
    }
  | {
      readonly kind: 'refuse';
      readonly refusal: Refusal;
      /** The budget that has no room. */
      readonly by?: BudgetMeter | undefined;
    }
  /** Only other calls' holds stand in the way. */
  | { readonly kind: 'park'; readonly blockedBy: readonly BudgetMeter[] };

export interface DecideOptions {
  readonly at: number;
  readonly meters: Pick<MeterBook, 'ofCaller' | 'ofCandidate'>;
  /** Whether somebody who came before waits for this budget. */
  readonly isQueued: (meter: BudgetMeter) => boolean;
  /** What is held for calls of unknown price; without it they are refused where a budget applies. */
  readonly unknownPriceUsd: string | undefined;
}

interface Need {
  readonly most: bigint;
  readonly least: bigint;
}

/** Everything that applies is looked at and nothing is changed. A budget that is spent comes first: that is not worth a retry. */
export function decide(ask: AdmissionAsk, options: DecideOptions): Decision {
  const { at, meters } = options;
  const caller = meters.ofCaller(ask.by, ask.modelGroup);
  const candidates = ask.candidates.map((candidate) => ({ candidate, budgets: meters.ofCandidate(candidate) }));
  const need = needOf(ask, options.unknownPriceUsd);
  const anyBudget = need === undefined ? (caller.budgets[0] ?? candidates.flatMap((one) => one.budgets)[0]) : undefined;
  if (anyBudget !== undefined) return { kind: 'refuse', refusal: { ...budgetRefusal(anyBudget, at), kind: 'price' } };
  const { most, least } = need ?? { most: 0n, least: 0n };
  const room = createRoom(least, options);
  const spent = caller.budgets.find(room.isSpent);
  if (spent !== undefined) return { kind: 'refuse', refusal: budgetRefusal(spent, at), by: spent };
  const choice = chooseCandidates(candidates, room);
  if (choice.kind === 'spent') return { kind: 'refuse', refusal: budgetRefusal(choice.by, at), by: choice.by };
  for (const rate of caller.rates) {
    const refusal = blockedRate(rate, ask, at);
    if (refusal !== undefined) return { kind: 'refuse', refusal };
  }
  const blocked = caller.budgets.find(room.isBusy);
  if (blocked !== undefined) return { kind: 'park', blockedBy: [blocked] };
  if (choice.kind === 'busy') return { kind: 'park', blockedBy: choice.by };
  const held = choice.budgets.length === 0 ? caller.budgets : [...new Set([...caller.budgets, ...choice.budgets])];
  return {
    kind: 'admit',
    pico: most === 0n ? most : leastRoom(held, at, most),
    least,
    meters: { budgets: held, rates: caller.rates },
    candidates: choice.budgets.length === 0 ? [] : choice.allowed,
    excluded: choice.excluded,
  };
}

/** Undefined when nobody knows what it costs. A call that costs anything needs room for something. */
function needOf({ mostUsd, leastUsd }: AdmissionAsk, unknownPriceUsd: string | undefined): Need | undefined {
  const usd = mostUsd ?? unknownPriceUsd;
  if (usd === undefined) return undefined;
  const most = picoOf(usd);
  const stated = mostUsd === undefined || leastUsd === undefined ? most : picoOf(leastUsd);
  const least = stated > most ? most : stated;
  return { most, least: most > 0n && least === 0n ? 1n : least };
}

interface Room {
  /** What is free of charge runs on a spent budget. */
  isSpent(meter: BudgetMeter): boolean;
  isBusy(meter: BudgetMeter): boolean;
}

function createRoom(least: bigint, { at, isQueued }: DecideOptions): Room {
  return {
    isSpent: (meter) => least > 0n && roomWithoutHolds(meter, at) < least,
    isBusy: (meter) => least > 0n && (roomIn(meter, at) < least || isQueued(meter)),
  };
}

interface BudgetedCandidate {
  readonly candidate: AskedCandidate;
  readonly budgets: readonly BudgetMeter[];
}

type Choice =
  | {
      readonly kind: 'some';
      readonly allowed: readonly AskedCandidate[];
      readonly budgets: readonly BudgetMeter[];
      readonly excluded: readonly string[];
    }
  | { readonly kind: 'busy'; readonly by: readonly BudgetMeter[] }
  | { readonly kind: 'spent'; readonly by: BudgetMeter };

/** Nobody who may run it has a budget, which is the rule. */
const ANYBODY: Choice = { kind: 'some', allowed: [], budgets: [], excluded: [] };

/** Who of the plan may run it. One without room at this moment is waited for only where there is no other. */
function chooseCandidates(candidates: readonly BudgetedCandidate[], room: Room): Choice {
  if (candidates.every(({ budgets }) => budgets.length === 0)) return ANYBODY;
  const open = candidates.filter(({ budgets }) => !budgets.some((meter) => room.isSpent(meter) || room.isBusy(meter)));
  if (open.length > 0 || candidates.length === 0) {
    const excluded = candidates.filter((one) => !open.includes(one)).map(({ candidate }) => candidate.deploymentId);
    return {
      kind: 'some',
      allowed: open.map(({ candidate }) => candidate),
      budgets: open.flatMap(({ budgets }) => budgets),
      excluded: [...new Set(excluded)],
    };
  }
  const busy = candidates.filter(({ budgets }) => !budgets.some(room.isSpent)).flatMap(({ budgets }) => budgets.filter(room.isBusy));
  if (busy.length > 0) return { kind: 'busy', by: [...new Set(busy)] };
  const spent = candidates.flatMap(({ budgets }) => budgets.filter(room.isSpent));
  const [first] = spent;
  return first === undefined ? { kind: 'some', allowed: [], budgets: [], excluded: [] } : { kind: 'spent', by: first };
}
