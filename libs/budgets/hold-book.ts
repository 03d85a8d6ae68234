import type { AttemptEvent, OpenTicket } from '#contracts';
import type { LostAttempt } from './attempt-book.ts';
import { type BudgetMeter, leastRoom } from './budget-meter.ts';
import { changeHeld, giveBack, type Hold, take } from './hold.ts';
import { createHolds, type JobMap } from './holds.ts';
import type { CallerMeters, MeterBook } from './meter-book.ts';
import { picoOf, usdOf } from './money.ts';
import type { PastCalls } from './past-calls.ts';
import { addEntry, correctEntry, RATE_WINDOW_MS, type RateEntry, removeEntry } from './rate-meter.ts';
import { createRecentSet } from './recent-set.ts';
import { isOverdue, staleHolds } from './stale-holds.ts';

/** What jobs hold, from their admission to their end, whoever brings that about. */
export interface HoldBook {
  find(job: string): Hold | undefined;
  open(ingress: string, ticket: OpenTicket, amounts: HeldAmounts): Hold;
  /** What an ingress says is held for it: what is not known is held again, what it does not name is held for a while. */
  compare(ingress: string, open: readonly OpenTicket[]): void;
  /** An attempt has ended: its tokens are what they were. The job's last one ends the hold. */
  attempted(hold: Hold, event: AttemptEvent, outcome: AttemptOutcome): void;
  /** As much more as there is room for, up to this much in all. Pico-dollars. */
  raise(hold: Hold, to: bigint): void;
  release(job: string): void;
  /** It never was one: nothing of it counts. */
  undo(job: string): void;
  /** A job that is over, here or elsewhere: a beat that was under way still names it. */
  forget(job: string): void;
  /** Ends what nobody will ever settle. */
  sweep(heardAt: Map<string, number>): void;
  /** What is held for jobs that no ingress answers for, as a new leader needs it, and from the one before. */
  durable(): readonly OpenTicket[];
  restore(tickets: readonly OpenTicket[]): void;
  figures(): { readonly holds: number; readonly pico: bigint };
}

export interface HeldAmounts {
  readonly pico: bigint;
  readonly least: bigint;
  readonly meters: CallerMeters;
  /** When it began to count in the sliding windows. */
  readonly countedAt: number;
}

export interface AttemptOutcome {
  /** The estimate that it replaces. */
  readonly lost: LostAttempt | undefined;
  readonly isOver: boolean;
}

export interface HoldBookOptions {
  readonly now: () => number;
  readonly meters: Pick<MeterBook, 'ofCaller' | 'ofCandidate'>;
  readonly past: Pick<PastCalls, 'entryOf'>;
  readonly onFreed: (budgets: readonly BudgetMeter[]) => void;
  readonly newJobMap?: (<V extends object>() => JobMap<V>) | undefined;
}

const OVER_JOBS = 50_000;
/** That of the ask may be gone. */
const NO_INGRESS = '';
const NOTHING = { inputTokens: 0, outputTokens: 0 };

export function createHoldBook({ now, meters, past, onFreed, newJobMap }: HoldBookOptions): HoldBook {
  const holds = createHolds(newJobMap?.() ?? new Map());
  const over = createRecentSet(OVER_JOBS);

  const newEntry = ({ inputTokens, outputTokens }: OpenTicket, { meters: { rates }, countedAt }: HeldAmounts): RateEntry => {
    const entry = { at: countedAt, input: inputTokens, output: outputTokens };
    if (countedAt + RATE_WINDOW_MS > now()) for (const meter of rates) addEntry(meter, entry);
    return entry;
  };
  const open = (ingress: string, ticket: OpenTicket, amounts: HeldAmounts): Hold => {
    const entry = past.entryOf(ticket.job) ?? newEntry(ticket, amounts);
    const { pico, least: atLeast, meters: applies } = amounts;
    const hold: Hold = { ticket, ingress, pico, least: atLeast, ...applies, entry, usedInput: 0, usedOutput: 0, orphanSince: undefined };
    take(hold);
    holds.add(hold);
    return hold;
  };
  const openAgain = (ingress: string, ticket: OpenTicket): void => {
    if (holds.find(ticket.job) !== undefined || over.has(ticket.job) || isOverdue(ticket, now())) return;
    open(ingress, ticket, { pico: picoOf(ticket.heldUsd), least: 0n, meters: metersOf(ticket, meters), countedAt: ticket.acceptedAt });
  };
  const end = (hold: Hold): void => {
    giveBack(hold);
    holds.remove(hold);
    onFreed(hold.budgets);
  };
  const correct = (hold: Hold, next: typeof NOTHING): void => {
    const tokens = { inputTokens: hold.usedInput + next.inputTokens, outputTokens: hold.usedOutput + next.outputTokens };
    correctEntry(hold.rates, hold.entry, tokens, now());
  };

  return {
    find: holds.find,
    open,
    compare(ingress, tickets) {
      for (const ticket of tickets) openAgain(ingress, ticket);
      const named = new Set(tickets.map(({ job }) => job));
      for (const hold of holds.ofIngress(ingress)) {
        const isKnown = hold.ticket.durable === true || named.has(hold.ticket.job);
        hold.orphanSince = isKnown ? undefined : (hold.orphanSince ?? now());
      }
    },
    attempted(hold, { usage }, { lost, isOver }) {
      hold.usedInput += usage.inputTokens - (lost?.inputTokens ?? 0);
      hold.usedOutput += usage.outputTokens - (lost?.outputTokens ?? 0);
      correct(hold, isOver ? NOTHING : hold.ticket);
      if (isOver) end(hold);
    },
    raise(hold, to) {
      const missing = to - hold.pico;
      const more = leastRoom(hold.budgets, now(), missing);
      if (more > 0n) changeHeld(hold, hold.pico + more);
    },
    release(job) {
      const hold = holds.find(job);
      if (hold === undefined) return;
      correct(hold, NOTHING);
      end(hold);
      over.add(job);
    },
    undo(job) {
      const hold = holds.find(job);
      if (hold === undefined) return;
      for (const meter of hold.rates) removeEntry(meter, hold.entry);
      end(hold);
      over.add(job);
    },
    forget: over.add,
    durable: () => [...holds.durable()].map(({ ticket, pico }) => ({ ...ticket, heldUsd: usdOf(pico) })),
    restore(tickets) {
      for (const ticket of tickets) openAgain(NO_INGRESS, ticket);
    },
    sweep(heardAt) {
      for (const hold of staleHolds(holds.all(), { at: now(), heardAt })) end(hold);
    },
    figures() {
      let pico = 0n;
      for (const hold of holds.all()) pico += hold.pico;
      return { holds: holds.size, pico };
    },
  };
}

function metersOf(ticket: OpenTicket, meters: HoldBookOptions['meters']): CallerMeters {
  const caller = meters.ofCaller(ticket.by, ticket.modelGroup);
  const candidates = ticket.candidates ?? (ticket.candidate === undefined ? [] : [ticket.candidate]);
  return { budgets: [...new Set([...caller.budgets, ...candidates.flatMap(meters.ofCandidate)])], rates: caller.rates };
}
