import { type AttemptFailure, type Candidate, type ErrorCode, ERROR_CODES, type FallbackCause, type RetryScope } from '#contracts';

export interface FailedJob {
  readonly plan: readonly Candidate[];
  /** Its failed attempts; the last of them has just ended. */
  readonly failures: readonly AttemptFailure[];
  /** What another attempt may be, after the last error. */
  readonly retry: RetryScope;
  /** Further attempts that the group of the last one gets for such an error. */
  readonly retries: number;
  /** False for deployments in cooldown. */
  readonly isAvailable: (deploymentId: string) => boolean;
}

export interface NextCandidate {
  readonly cursor: number;
  /** False: it is in cooldown, and so is everybody else who is left. */
  readonly available: boolean;
}

/**
 * Where a job goes after a failed attempt, or `undefined` when it ends here.
 *
 * - Within its group while the group has retries left: first to deployments that this job has not failed at.
 * - Then to the groups after it, each of them entered once. A request that is too long, or refused for its content, goes straight to the
 *   groups for that, where there are any.
 * - Never again to a deployment that can't serve the job: bad key, used-up quota, unknown model.
 * - To one in cooldown only when nobody else is left.
 */
export function nextCandidate(job: FailedJob): NextCandidate | undefined {
  const last = job.failures.at(-1);
  if (last === undefined || job.retry === 'never') return undefined;
  const stages = stagesAfter(last, job);
  return firstOf(stages, job, true) ?? firstOf(stages, job, false);
}

function firstOf(stages: readonly (readonly number[])[], job: FailedJob, available: boolean): NextCandidate | undefined {
  const isAvailable = (cursor: number): boolean => job.isAvailable(job.plan[cursor]?.deploymentId ?? '');
  for (const stage of stages) {
    const [best] = stage.filter((cursor) => isAvailable(cursor) === available).sort((a, b) => failedAt(a, job) - failedAt(b, job));
    if (best !== undefined) return { cursor: best, available };
  }
  return undefined;
}

/** The places in the plan that are left, in groups of equal rank. */
function stagesAfter(last: AttemptFailure, job: FailedJob): readonly (readonly number[])[] {
  const { plan, failures } = job;
  const causes = new Set(failures.map(({ code }) => causeOf(code)));
  const excluded = excludedDeployments(last, job);
  const able = [...plan.keys()].filter((cursor) => {
    const candidate = plan[cursor];
    if (candidate === undefined || excluded.has(candidate.deploymentId)) return false;
    return candidate.for === undefined || causes.has(candidate.for);
  });
  const entered = new Set(failures.map(({ cursor }) => groupAt(plan, cursor)));
  const own = groupAt(plan, last.cursor);
  const later = able.filter((cursor) => !entered.has(groupAt(plan, cursor)));
  const special = later.filter((cursor) => plan[cursor]?.for !== undefined);
  const general = later.filter((cursor) => plan[cursor]?.for === undefined);
  if (causeOf(last.code) !== undefined && special.length > 0) return [special, general];
  const failedHere = failures.filter(({ cursor }) => groupAt(plan, cursor) === own).length;
  const stay = failedHere <= job.retries ? able.filter((cursor) => groupAt(plan, cursor) === own) : [];
  return [stay, special, ...byGroup(general, plan)];
}

/** The groups one after the other: a healthy deployment of the first goes before those of the second. */
function byGroup(cursors: readonly number[], plan: readonly Candidate[]): readonly (readonly number[])[] {
  return [...Map.groupBy(cursors, (cursor) => groupAt(plan, cursor)).values()];
}

/** Deployments whose failures were their own and stay. */
function excludedDeployments(last: AttemptFailure, { plan, failures, retry }: FailedJob): ReadonlySet<string> {
  const lasting = failures.filter(
    (failure) => ERROR_CODES[failure.code].retry !== 'anywhere' || (failure === last && retry === 'elsewhere'),
  );
  return new Set(lasting.map(({ cursor }) => plan[cursor]?.deploymentId ?? ''));
}

/** How often this job has failed at a place's deployment. */
export function failedAt(cursor: number, { plan, failures }: Pick<FailedJob, 'plan' | 'failures'>): number {
  const id = plan[cursor]?.deploymentId;
  return failures.filter((failure) => plan[failure.cursor]?.deploymentId === id).length;
}

/** One group may be in a plan twice, for different causes or with different fields. */
function groupAt(plan: readonly Candidate[], cursor: number): string {
  const candidate = plan[cursor];
  return `${candidate?.for ?? ''}/${candidate?.overrides ?? ''}/${candidate?.modelGroup ?? ''}`;
}

function causeOf(code: ErrorCode): FallbackCause | undefined {
  if (code === 'context_length_exceeded') return 'context_window';
  if (code === 'answer_rejected') return 'escalation';
  return code === 'content_policy_violation' ? 'content_policy' : undefined;
}
