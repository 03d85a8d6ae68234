import type { AttemptFailure, Candidate } from '#contracts';

export interface HedgeTargetInput {
  readonly plan: readonly Candidate[];
  /** Where the first attempt is. */
  readonly cursor: number;
  readonly failures: readonly AttemptFailure[];
  /** False for deployments in cooldown. */
  readonly isAvailable: (deploymentId: string) => boolean;
  /** Milliseconds that a job would wait there; 0 where nobody knows. */
  readonly waitFor: (candidate: Candidate) => number;
}

/** A queue in front of the second attempt takes away what it is for. */
const LONGEST_WAIT_MS = 100;

/**
 * The place in the plan for a second attempt: another deployment of the same group, for a fallback is another model. One that this job has
 * not failed at, that is healthy and that nobody waits for. Undefined without one.
 */
export function hedgeTarget({ plan, cursor, failures, isAvailable, waitFor }: HedgeTargetInput): number | undefined {
  const first = plan[cursor];
  if (first === undefined) return undefined;
  const failed = new Set(failures.map((failure) => plan[failure.cursor]?.deploymentId));
  const found = plan.findIndex(
    (candidate) =>
      candidate.deploymentId !== first.deploymentId &&
      candidate.modelGroup === first.modelGroup &&
      candidate.overrides === first.overrides &&
      !failed.has(candidate.deploymentId) &&
      isAvailable(candidate.deploymentId) &&
      waitFor(candidate) <= LONGEST_WAIT_MS,
  );
  return found < 0 ? undefined : found;
}
