import type {
  AdmissionAnswer,
  AdmissionAsk,
  AttemptEvent,
  BudgetAlert,
  Limits,
  NamedScope,
  OpenTicket,
  Refusal,
  Scope,
  TopUp,
  TopUpReply,
} from '#contracts';
import type { StoredAccount } from './account.ts';
import { admittedAnswer } from './admitted-answer.ts';
import type { LostAttempt } from './attempt-book.ts';
import { alertOf } from './budget-alert.ts';
import { budgetRefusal, roomIn, roomWithoutHolds } from './budget-meter.ts';
import { decide } from './decide.ts';
import { createHoldBook } from './hold-book.ts';
import type { Hold } from './hold.ts';
import type { JobMap } from './holds.ts';
import { createMeterBook } from './meter-book.ts';
import { least, picoOf, usdOf } from './money.ts';
import { createPastCalls } from './past-calls.ts';
import { createSettlement, type SettlementParts } from './settlement.ts';
import { createSpareBook, type GivenSpares } from './spare-book.ts';
import { createWaitingRoom, type WaitingRoomOptions } from './waiting-room.ts';

/**
 * The one authority on budgets and limits, in memory. It decides and does no I/O: asks, events and beats are given to it, answers to parked
 * asks, alerts and stops come out of the callbacks. Whatever it is told may be told again.
 *
 * ask ──▶ held ──event `done`, release, silence──▶ over      each step wakes those that are parked for what has become free
 *   └───▶ parked ──▶ held | refused (spent meanwhile, or its deadline)
 *   └───▶ refused
 *
 * For every budget: spent + held ≤ its limit, as long as no attempt costs more than is held for it. An attempt that does is counted in full.
 */
export interface AdmissionEngine {
  /** Its answer; undefined while it is parked, then `onAnswer` has it. */
  admit(ask: AdmissionAsk, ingress: string): AdmissionAnswer | undefined;
  /** Holds ahead of their jobs, where there is plenty; see `SpareBook`. */
  spare(ask: AdmissionAsk, jobs: readonly string[], ingress: string): GivenSpares | undefined;
  /** Spares that no job was given. */
  unused(jobs: readonly string[]): void;
  /** Ingresses that should give back what they have no job for, since this ask was refused or parked; for changed limits without one. */
  recall(ask?: { readonly job: string; readonly refusal?: Refusal | undefined }): readonly string[];
  topUp(wish: TopUp): TopUpReply;
  /** An event of the stream. `isPast` while a new leader reads what happened before it. */
  settle(event: AttemptEvent, at: { readonly seq: number; readonly isPast?: boolean }): void;
  /** An event that counts for nobody. */
  pass(seq: number): void;
  release(job: string): void;
  /** What an ingress says is held for it. */
  beat(ingress: string, open: readonly OpenTicket[]): void;
  /** Limits of this scope have changed. */
  limitsChanged(scope: Scope): void;
  /** Several times a second: what is over by time. */
  tick(): void;
  /** Reading of the past has ended. */
  begin(): void;
  restore(state: EngineState): void;
  /** Accounts that changed since it was last asked, and what else a new leader needs. */
  takeChanges(): EngineState;
  figures(): EngineFigures;
}

export interface EngineState {
  readonly seq: number;
  readonly accounts: readonly StoredAccount[];
  readonly lost: readonly LostAttempt[];
  /** What is held for jobs that no ingress answers for. */
  readonly held: readonly OpenTicket[];
}

export interface EngineFigures {
  readonly holds: number;
  readonly parked: number;
  readonly reservedUsd: string;
}

export interface EngineOptions {
  /** Unix milliseconds. */
  readonly now: () => number;
  readonly limitsOf: (scope: NamedScope) => Limits | undefined;
  readonly onAnswer: (ingress: string, answer: AdmissionAnswer) => void;
  /** More is held for a job under way: its new ticket. */
  readonly onHeld?: ((ingress: string, answer: AdmissionAnswer) => void) | undefined;
  /** A job that has nothing left to go on with. */
  readonly onStop: (ingress: string, job: string, refusal: Refusal) => void;
  readonly onAlert: (alert: BudgetAlert) => void;
  /** Held for, and counted for, calls whose price nobody knows, decimal text; without it they are refused where a budget applies. */
  readonly unknownPriceUsd?: (() => string | undefined) | undefined;
  /** What keeps entries that come and go with each call; plain maps by default. */
  readonly newJobMap?: (<V extends object>() => JobMap<V>) | undefined;
}

const SWEEP_MS = 1_000;

export function createAdmissionEngine(options: EngineOptions): AdmissionEngine {
  const { now, onAnswer, onHeld } = options;
  const meters = createMeterBook(options);
  const past = createPastCalls(now);
  const holds = createHoldBook({ now, meters, past, onFreed: (budgets) => room.freed(budgets), newJobMap: options.newJobMap });
  const room = createWaitingRoom({ ...verdictsOf(options, { meters, holds }), now, onAnswer });
  const unknownPriceUsd = (): string | undefined => options.unknownPriceUsd?.();
  const spares = createSpareBook({ now, meters, holds, isQueued: (meter) => room.isQueued(meter), unknownPriceUsd });
  const settlement = createSettlement(options, { meters, holds, past, room });
  const heardAt = new Map<string, number>();
  let sweptAt = 0;

  return {
    admit(ask, ingress) {
      heardAt.set(ingress, now());
      const held = holds.find(ask.job);
      return held === undefined ? room.enter(ask, ingress) : admittedAnswer(held, []);
    },
    spare(ask, jobs, ingress) {
      heardAt.set(ingress, now());
      return spares.give(ask, jobs, ingress);
    },
    unused(jobs) {
      for (const job of jobs) holds.undo(job);
      room.wake();
    },
    recall: (ask) => (ask === undefined ? spares.recallAll() : spares.recall(ask.refusal ?? room.blockedBy(ask.job))),
    topUp({ job, neededUsd }) {
      const hold = holds.find(job);
      if (hold === undefined) return { heldUsd: '0' };
      const [before, needed] = [hold.pico, picoOf(neededUsd)];
      holds.raise(hold, needed);
      // should this process die, its ingress tells the next leader
      if (hold.pico > before) onHeld?.(hold.ingress, admittedAnswer(hold, []));
      return hold.pico >= needed ? { heldUsd: usdOf(hold.pico) } : noMore(hold, now());
    },
    settle(event, place) {
      settlement.settle(event, place);
      room.wake();
    },
    pass: (seq) => void meters.charge(seq, []),
    release(job) {
      room.leave(job);
      holds.release(job);
      room.wake();
    },
    beat(ingress, open) {
      heardAt.set(ingress, now());
      holds.compare(ingress, open);
    },
    limitsChanged(scope) {
      meters.refresh(scope);
      room.freedAll();
      room.wake();
    },
    tick() {
      room.freedAll();
      room.refuseLate();
      if (now() - sweptAt >= SWEEP_MS) {
        sweptAt = now();
        holds.sweep(heardAt);
        spares.tick();
      }
      room.wake();
    },
    begin: past.forget,
    restore({ seq, accounts, lost, held }) {
      meters.restore(accounts, seq);
      settlement.restore(lost);
      holds.restore(held);
    },
    takeChanges: () => ({ seq: meters.seq, accounts: meters.takeChanged(), lost: settlement.lost(), held: holds.durable() }),
    figures() {
      const { holds: count, pico } = holds.figures();
      return { holds: count, parked: room.size, reservedUsd: usdOf(pico) };
    },
  };
}

/** A limit is reached: which one, and whether others' holds are all that stands in the way. */
function noMore(hold: Hold, at: number): TopUpReply {
  const full = hold.budgets.find((meter) => roomIn(meter, at) <= 0n);
  const mine = least(hold.budgets.map((meter) => roomWithoutHolds(meter, at))) ?? hold.pico;
  return { heldUsd: usdOf(hold.pico), refusal: full && budgetRefusal(full, at), busy: mine > hold.pico };
}

type Verdicts = Pick<WaitingRoomOptions, 'judge' | 'admit' | 'refuse'>;

/** How asks are decided, and what is done then. */
function verdictsOf(
  { now, onAlert, unknownPriceUsd }: EngineOptions,
  { meters, holds }: Pick<SettlementParts, 'meters' | 'holds'>,
): Verdicts {
  return {
    judge: (ask, isQueued) => decide(ask, { at: now(), meters, isQueued, unknownPriceUsd: unknownPriceUsd?.() }),
    admit(ask, ingress, { candidates, excluded, pico, least: atLeast, meters: applies }) {
      const { job, by, modelGroup, deadlineAt, acceptedAt, inputTokens, outputTokens, durable } = ask;
      const placed = candidates.length === 0 ? {} : { candidate: candidates[0], candidates };
      const kept = durable === true ? { durable } : {};
      const ticket = { job, by, modelGroup, deadlineAt, acceptedAt, inputTokens, outputTokens, heldUsd: usdOf(pico), ...placed, ...kept };
      const hold = holds.open(ingress, ticket, { pico, least: atLeast, meters: applies, countedAt: now() });
      return admittedAnswer(hold, excluded);
    },
    refuse(job, { refusal, by }) {
      const alert = by === undefined || refusal.kind !== 'budget' ? undefined : alertOf(by, now(), true);
      if (alert !== undefined) onAlert(alert);
      return { job, admitted: false, refusal };
    },
  };
}
