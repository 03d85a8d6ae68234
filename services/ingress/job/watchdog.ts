import { lastDelivered } from '#bus';
import { DEFAULT_STREAMS } from '#config';
import { GatewayError, jobConsumer, JOBS_STREAM, WORKER_LOST_AFTER_MS } from '#contracts';
import { routeOf } from '#routing';
import { createWaitingComment } from '../admission/waiting-comment.ts';
import type { IngressResources } from '../resources.ts';
import type { AttemptLane } from './attempt-lane.ts';
import { dropLostHedge, failOverLost, failOverUnstarted } from './failover.ts';
import { createKeepAlive } from './keep-alive.ts';
import type { PendingJob } from './pending-job.ts';

/**
 * Looks over all pending jobs twice a second: one timer instead of several per request.
 *
 * - past its deadline: 504. A running job gets a second's grace, for its worker ends it at the deadline with what it has.
 * - its worker silent for 3.2 s: failover. Silence counts only while this ingress itself is connected.
 * - queued for 1.5 s although the server has handed its message out, twice in a row, and no worker has said in the last 3.2 s that
 *   it holds it for want of a permit: the message died with a worker.
 */
const TICK_MS = 500;
const RUNNING_GRACE_MS = 1_000;
const SUSPECT_AFTER_MS = 1_500;

export function startWatchdog(resources: IngressResources): () => void {
  let connectedSince = resources.now();
  let suspects = new Set<PendingJob>();
  let looking = false;
  const keepAlive = createKeepAlive({ everyMs: (resources.config.streams ?? DEFAULT_STREAMS).keepAliveMs });
  const waitingComment = createWaitingComment({ everyMs: resources.config.queueing.waitingCommentMs });
  const tick = async (): Promise<void> => {
    const now = resources.now();
    if (!resources.link.connected || !resources.bus.connected) connectedSince = now;
    const queued: PendingJob[] = [];
    for (const job of resources.pending.all()) {
      keepAlive.ticked(job, now);
      waitingComment.ticked(job, now);
      const { current } = job;
      if (current.failingOver || expire(job, now, resources)) continue;
      const silentForMs = (heardAt: number): number => now - Math.max(heardAt, connectedSince);
      const isLost = ({ worker }: AttemptLane): boolean =>
        worker !== undefined && silentForMs(resources.pending.lastHeard(worker)) > WORKER_LOST_AFTER_MS;
      const second = job.hedge?.lane;
      if (second !== undefined && !second.failingOver && isLost(second)) {
        void failSafely(job, second, dropLostHedge(job, second, resources), resources);
      }
      if (isLost(current)) void failSafely(job, current, failOverLost(job, resources), resources);
      else if (current.worker === undefined && current.streamSeq !== undefined && now - current.queuedAt > SUSPECT_AFTER_MS) {
        const isHeld = current.holder !== undefined && silentForMs(current.holder.heardAt) < WORKER_LOST_AFTER_MS;
        if (!isHeld) queued.push(job);
      }
    }
    if (looking) return;
    looking = true;
    suspects = await lookForLostDeliveries(queued, suspects, resources);
    looking = false;
  };
  const timer = setInterval(() => void tick(), TICK_MS);
  return () => clearInterval(timer);
}

function expire(job: PendingJob, now: number, resources: IngressResources): boolean {
  const { deadlineAt } = job.meta;
  const { worker } = job.current;
  if (now < (worker === undefined ? deadlineAt : deadlineAt + RUNNING_GRACE_MS)) return false;
  const error =
    worker === undefined
      ? new GatewayError('queue_timeout', 'The request waited in the queue until its deadline. Its provider is at its limit.')
      : new GatewayError('upstream_timeout', 'The provider did not finish before the request’s deadline.');
  resources.pending.cancel(job, error);
  return true;
}

/** One look at each consumer, however many jobs wait for it. */
async function lookForLostDeliveries(
  queued: readonly PendingJob[],
  suspects: ReadonlySet<PendingJob>,
  resources: IngressResources,
): Promise<Set<PendingJob>> {
  const next = new Set<PendingJob>();
  for (const [consumer, jobs] of Map.groupBy(queued, (job) => consumerOf(job, resources))) {
    const delivered = await lastDelivered(resources.bus, JOBS_STREAM, consumer);
    if (delivered === undefined) continue;
    for (const job of jobs) {
      const { failingOver, worker, streamSeq = Infinity } = job.current;
      if (job.over || failingOver || worker !== undefined || streamSeq > delivered) continue;
      if (suspects.has(job)) void failSafely(job, job.current, failOverUnstarted(job, resources), resources);
      else next.add(job);
    }
  }
  return next;
}

function consumerOf({ meta, current: { cursor } }: PendingJob, resources: IngressResources): string {
  const candidate = meta.plan[cursor];
  return candidate === undefined ? '' : jobConsumer(routeOf(meta, candidate, resources.models));
}

async function failSafely(job: PendingJob, lane: AttemptLane, failover: Promise<void>, resources: IngressResources): Promise<void> {
  lane.failingOver = true;
  try {
    await failover;
  } catch (error) {
    resources.log.error({ err: error, jobId: job.meta.id }, 'failover failed');
    if (lane === job.current)
      job.fail(new GatewayError('worker_lost', 'The worker that ran this request died. Send the request again.', { cause: error }));
  }
  // whatever it came to, the deadline and the next loss count again
  lane.failingOver = false;
}
