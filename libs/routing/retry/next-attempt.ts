import type { Deployment, RouterSettings } from '#config';
import type { AttemptFailure, GatewayError, JobMeta } from '#contracts';
import type { Availability } from '../availability.ts';
import { failedAt, nextCandidate } from '../next-candidate.ts';
import { pauseBeforeNext } from './pause-before-next.ts';
import { retriesAllowed, retryScopeOf, type RetryRules } from './retries-allowed.ts';

export interface NextAttemptContext {
  readonly router: RouterSettings;
  readonly deployment: (group: string, id: string) => Deployment | undefined;
  readonly availability: Availability;
  /** Unix milliseconds. */
  readonly now: number;
  /** Uniform in [0, 1). */
  readonly random: () => number;
}

/** The next attempt of a job. */
export interface NextAttempt {
  readonly cursor: number;
  /** All failed attempts, the last one too. */
  readonly failures: readonly AttemptFailure[];
  /** Milliseconds to wait first. */
  readonly pauseMs: number;
}

/** All the rest of the plan is in cooldown. `retryAfterMs` until the first of it is worth a try. */
export interface NobodyHealthy {
  readonly retryAfterMs: number;
}

type Failure = Pick<GatewayError, 'code' | 'retry' | 'retryAfterMs'>;

/**
 * What comes after a failed attempt; undefined when the error is the job's end. A deployment in cooldown is waited for only after a
 * rate limit, which ends by itself; after anything else the job ends, for it would only learn the same again.
 */
export function nextAttempt(meta: JobMeta, error: Failure, context: NextAttemptContext): NextAttempt | NobodyHealthy | undefined {
  const { router, availability, now, random } = context;
  const failures = [...(meta.failures ?? []), { cursor: meta.cursor, code: error.code }];
  const rules = rulesFor(meta, context);
  const next = nextCandidate({
    plan: meta.plan,
    failures,
    retry: retryScopeOf(error, rules),
    retries: retriesAllowed(error.code, rules),
    isAvailable: (id) => availability.isAvailable(id, now),
  });
  if (next === undefined) return undefined;
  const { cursor } = next;
  const deploymentId = meta.plan[cursor]?.deploymentId ?? '';
  const cooldownMs = next.available ? 0 : Math.max(0, (availability.retryAtMs(deploymentId) ?? now) - now);
  const isWaitedFor = error.code === 'upstream_rate_limited' || availability.isWaitedFor?.(deploymentId, meta.deadlineAt) === true;
  if (!next.available && !isWaitedFor) return { retryAfterMs: cooldownMs };
  const pauseMs = pauseBeforeNext({
    failedThere: failedAt(cursor, { plan: meta.plan, failures }),
    sameDeployment: deploymentId === meta.plan[meta.cursor]?.deploymentId,
    providerAskedMs: error.retryAfterMs,
    floorMs: router.retryAfterMs,
    random,
  });
  return { cursor, failures, pauseMs: Math.max(pauseMs, cooldownMs) };
}

function rulesFor(meta: JobMeta, { router, deployment }: NextAttemptContext): RetryRules {
  const candidate = meta.plan[meta.cursor];
  const modelGroup = candidate?.modelGroup ?? '';
  return { router, requested: meta.numRetries, modelGroup, deployment: deployment(modelGroup, candidate?.deploymentId ?? '') };
}
