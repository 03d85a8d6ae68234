import type { ErrorCode, GatewayError } from '#contracts';

/**
 * What becomes of a submission.
 * - `done`: it is a job, or has its end, or is one that was accepted before
 * - `wait`: a limit or a full queue holds it back; `owner`: all of its owner's, `everybody`: the queue itself is away
 * - `behind`: one that asks the same is under way, and its answer will do for this one too
 */
export type SubmissionOutcome =
  | { readonly kind: 'done' }
  | { readonly kind: 'behind'; readonly untilMs: number }
  | { readonly kind: 'wait'; readonly untilMs: number; readonly who: 'owner' | 'everybody'; readonly code: ErrorCode };

export const DONE: SubmissionOutcome = { kind: 'done' };

const OF_OWNER = new Set<ErrorCode>(['rate_limit_exceeded', 'queue_full', 'no_healthy_deployment', 'client_gone']);
const OF_EVERYBODY = new Set<ErrorCode>(['queue_unavailable', 'service_unavailable']);
const LEAST_WAIT_MS = 250;
const USUAL_WAIT_MS = 2_000;
/** Limits are raised, and deployments come back: nobody is held back for longer without a look. */
const LONGEST_WAIT_MS = 10_000;

export interface WaitFacts {
  readonly now: number;
  readonly deadlineAt: number;
  /** When the limit that refused it frees, as far as that is known. */
  readonly resetsAt: number | undefined;
}

/** Whether what refused a submission passes before its deadline; undefined: it ends with that error. */
export function waitFor(error: GatewayError, { now, deadlineAt, resetsAt }: WaitFacts): SubmissionOutcome | undefined {
  const { code, retryAfterMs } = error;
  const isBudget = code === 'budget_exceeded' && resetsAt !== undefined && resetsAt < deadlineAt;
  if (!isBudget && !OF_OWNER.has(code) && !OF_EVERYBODY.has(code)) return undefined;
  const known = resetsAt === undefined ? (retryAfterMs ?? USUAL_WAIT_MS) : resetsAt - now;
  const waitMs = Math.min(Math.max(known, LEAST_WAIT_MS), LONGEST_WAIT_MS, Math.max(LEAST_WAIT_MS, deadlineAt - now));
  return { kind: 'wait', untilMs: now + waitMs, who: OF_EVERYBODY.has(code) ? 'everybody' : 'owner', code };
}
