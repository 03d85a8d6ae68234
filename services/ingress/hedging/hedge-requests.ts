import { deleteStored, readStored } from '#bus';
import { asGatewayError, type Candidate, FIRST_HEDGE_ATTEMPT, type JobMeta, JOBS_STREAM } from '#contracts';
import { AttemptLane } from '../job/attempt-lane.ts';
import type { PendingJob } from '../job/pending-job.ts';
import { publishAttempt } from '../job/submit-job.ts';
import type { IngressResources } from '../resources.ts';
import { hedgeDelayMs } from './hedge-delay.ts';
import type { HedgePolicy } from './hedge-policy.ts';
import type { HedgeShare } from './hedge-share.ts';
import { hedgeTarget } from './hedge-target.ts';

export interface Hedging {
  readonly share: HedgeShare;
  /** Whether the budgets of a request allow for the cost of a second attempt. */
  readonly mayHold: (meta: JobMeta, candidate: Candidate) => boolean | Promise<boolean>;
}

/** What is done at each start of an attempt of a job that may be hedged. */
export function hedgeWhenLate(policy: HedgePolicy, hedging: Hedging, resources: IngressResources): (job: PendingJob) => void {
  hedging.share.earn(policy.maxShare);
  return (job) => {
    const { hedge, current, meta } = job;
    const candidate = meta.plan[current.cursor];
    if (hedge === undefined || hedge.tried || candidate === undefined || job.relayedFrames > 0) return;
    if (targetFor(job, resources) === undefined) return;
    const delayMs = hedgeDelayMs(policy, meta.stream, resources.routing.board.loadOf(candidate.deploymentId));
    if (delayMs === undefined || resources.now() + delayMs >= meta.deadlineAt) return;
    hedge.wait(setTimeout(() => void tryHedge(job, hedging, resources), delayMs));
  };
}

/** Never rejects: without a second attempt the first goes on as if nothing had been. */
async function tryHedge(job: PendingJob, hedging: Hedging, resources: IngressResources): Promise<void> {
  try {
    const reason = await startHedge(job, hedging, resources);
    if (reason === undefined) return;
    if (reason !== 'over') resources.metrics.hedgesSkipped.inc({ model_group: groupOf(job), reason });
  } catch (error) {
    resources.log.warn({ err: error, jobId: job.meta.id, code: asGatewayError(error).code }, 'a hedge could not be started');
  }
  job.hedgeFailed();
}

/** Why there is no second attempt; undefined when there is one. */
async function startHedge(
  job: PendingJob,
  hedging: Hedging,
  resources: IngressResources,
): Promise<'share' | 'target' | 'budget' | 'over' | undefined> {
  const { meta, current, hedge } = job;
  const first = current.streamSeq;
  const cursor = targetFor(job, resources);
  const candidate = cursor === undefined ? undefined : meta.plan[cursor];
  if (cursor === undefined || candidate === undefined) return 'target';
  if (!hedging.share.take()) return 'share';
  const isAllowed = await hedging.mayHold(meta, candidate);
  const body = isAllowed && first !== undefined ? await readStored(resources.bus, JOBS_STREAM, first) : undefined;
  // answered, failed or moved meanwhile
  if (!isAllowed || body === undefined || hedge === undefined || job.over || job.relayedFrames > 0 || job.current !== current) {
    hedging.share.giveBack();
    return isAllowed ? 'over' : 'budget';
  }
  await publishHedge(job, cursor, body, resources);
  return undefined;
}

async function publishHedge(job: PendingJob, cursor: number, body: Uint8Array, resources: IngressResources): Promise<void> {
  const { meta, hedge, current, failures } = job;
  const lane = new AttemptLane({ attempt: FIRST_HEDGE_ATTEMPT, cursor, queuedAt: resources.now() });
  hedge?.begin(lane);
  resources.log.debug({ jobId: meta.id, deployment: meta.plan[cursor]?.deploymentId }, 'the first token is late: a second attempt');
  const attempt: JobMeta = { ...meta, attempt: lane.attempt, cursor, hedges: current.attempt, failures };
  lane.streamSeq = await publishAttempt(attempt, body, resources);
  // decided before its place in the queue was known
  if (!job.lanes.has(lane.attempt) && lane.worker === undefined) void deleteStored(resources.bus, JOBS_STREAM, lane.streamSeq);
}

function targetFor(job: PendingJob, { health, queues, now }: IngressResources): number | undefined {
  const { meta, current, failures = [] } = job;
  const at = now();
  return hedgeTarget({
    plan: meta.plan,
    cursor: current.cursor,
    failures,
    isAvailable: (id) => health.isAvailable(id, at),
    waitFor: (candidate) => (queues.isQuiet ? 0 : queues.waitFor(meta, candidate)),
  });
}

function groupOf({ meta, current }: PendingJob): string {
  return meta.plan[current.cursor]?.modelGroup ?? '';
}

/** Counts how the race of a job that is over went. */
export function countHedge(job: PendingJob, { metrics }: Pick<IngressResources, 'metrics'>): void {
  const outcome = job.hedge?.outcome;
  if (outcome !== undefined) metrics.hedges.inc({ model_group: groupOf(job), outcome });
}
