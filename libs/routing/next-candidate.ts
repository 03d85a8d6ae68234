import type { Candidate, RetryScope } from '#contracts';

export interface FailedAttempt {
  readonly plan: readonly Candidate[];
  readonly cursor: number;
  readonly retry: RetryScope;
}

/**
 * Where the job goes after a failed attempt: the position in the plan, or `undefined` when it ends here.
 * A fault of the deployment itself (`elsewhere`) skips the other entries of the same deployment.
 */
export function nextCandidate(failed: FailedAttempt): number | undefined {
  if (failed.retry === 'never') return undefined;
  const current = failed.plan[failed.cursor];
  for (let next = failed.cursor + 1; next < failed.plan.length; next++) {
    if (failed.retry === 'anywhere' || failed.plan[next]?.deploymentId !== current?.deploymentId) return next;
  }
  return undefined;
}

/**
 * Milliseconds to wait before the next attempt. Another deployment is tried at once; the same one after what the provider
 * asked for, else after an exponential pause (LiteLLM's 0.5 s to 8 s), never less than `retry_after`.
 */
export function pauseBeforeNext(options: {
  readonly sameDeployment: boolean;
  readonly attempt: number;
  readonly providerAskedMs: number | undefined;
  readonly floorMs: number;
  readonly random: () => number;
}): number {
  if (!options.sameDeployment) return 0;
  const backoffMs = Math.min(8_000, 500 * 2 ** (options.attempt - 1)) * (0.75 + options.random() / 4);
  return Math.max(options.floorMs, options.providerAskedMs ?? backoffMs);
}
