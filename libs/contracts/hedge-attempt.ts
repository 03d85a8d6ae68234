/**
 * A hedge is a second attempt of a job beside its first one (`services/ingress/hedging`). Its attempts are numbered in a range of their own:
 * the first one goes on to attempt 2, 3 … when it fails, and the names of both must not meet in the ledger or in the queue.
 */
const BEFORE_HEDGES = 1_000;

/** The number of a job's first hedge. */
export const FIRST_HEDGE_ATTEMPT = BEFORE_HEDGES + 1;

export function isHedgeAttempt(attempt: number): boolean {
  return attempt > BEFORE_HEDGES;
}

/** The how-manieth attempt it is of its own range. */
export function attemptOfRange(attempt: number): number {
  return isHedgeAttempt(attempt) ? attempt - BEFORE_HEDGES : attempt;
}
