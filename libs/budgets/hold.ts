import type { OpenTicket, Ticket } from '#contracts';
import type { BudgetMeter } from './budget-meter.ts';
import { usdOf } from './money.ts';
import type { RateEntry, RateMeter } from './rate-meter.ts';

/** What one job holds of everything that applies to it, until it is over. */
export interface Hold {
  readonly ticket: OpenTicket;
  readonly ingress: string;
  /** Held in each of `budgets`. Pico-dollars. */
  pico: bigint;
  /** With less it should not go on. */
  readonly least: bigint;
  readonly budgets: readonly BudgetMeter[];
  readonly rates: readonly RateMeter[];
  readonly entry: RateEntry;
  /** Of its attempts so far. */
  usedInput: number;
  usedOutput: number;
  /** Its ingress does not know it: since then, Unix milliseconds. */
  orphanSince: number | undefined;
}

export function ticketOf({ ticket, pico }: Hold): Ticket {
  const { job, inputTokens, outputTokens, candidate, candidates } = ticket;
  return { job, heldUsd: usdOf(pico), inputTokens, outputTokens, candidate, candidates };
}

/** Takes what it holds of budgets and parallel calls. Its place in the sliding windows is apart: that stays when the job is over. */
export function take(hold: Hold): void {
  for (const meter of hold.budgets) meter.reserved += hold.pico;
  for (const meter of hold.rates) meter.running += 1;
}

export function giveBack(hold: Hold): void {
  for (const meter of hold.budgets) meter.reserved -= hold.pico;
  for (const meter of hold.rates) meter.running -= 1;
}

export function changeHeld(hold: Hold, pico: bigint): void {
  for (const meter of hold.budgets) meter.reserved += pico - hold.pico;
  hold.pico = pico;
}
