import { lastDelivered } from '#bus';
import { GatewayError, jobConsumer, JOBS_STREAM, WORKER_LOST_AFTER_MS } from '#contracts';
import type { IngressResources } from '../resources.ts';
import { failOverLost, failOverUnstarted } from './failover.ts';
import type { PendingJob } from './pending-job.ts';

/**
 * Looks over all pending jobs twice a second: one timer instead of several per request.
 *
 * - past its deadline: 504. A running job gets a second's grace, for its worker ends it at the deadline with what it has.
 * - its worker silent for 3.2 s: failover. Silence counts only while this ingress itself is connected.
 * - queued for 1.5 s although the server has handed its message out, twice in a row: the message died with a worker.
 */
const TICK_MS = 500;
const RUNNING_GRACE_MS = 1_000;
const SUSPECT_AFTER_MS = 1_500;

export function startWatchdog(resources: IngressResources): () => void {
  let connectedSince = resources.now();
  let suspects = new Set<PendingJob>();
  let looking = false;
  const tick = async (): Promise<void> => {
    const now = resources.now();
    if (!resources.link.connected || !resources.bus.connected) connectedSince = now;
    const queued: PendingJob[] = [];
    for (const job of resources.pending.all()) {
      if (job.failingOver || expire(job, now, resources)) continue;
      if (job.worker === undefined) {
        if (job.streamSeq !== undefined && now - job.queuedAt > SUSPECT_AFTER_MS) queued.push(job);
      } else if (now - Math.max(resources.pending.lastHeard(job.worker), connectedSince) > WORKER_LOST_AFTER_MS) {
        void failSafely(job, failOverLost(job, resources), resources);
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
  if (now < (job.worker === undefined ? deadlineAt : deadlineAt + RUNNING_GRACE_MS)) return false;
  const error =
    job.worker === undefined
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
  for (const [consumer, jobs] of Map.groupBy(queued, consumerOf)) {
    const delivered = await lastDelivered(resources.bus, JOBS_STREAM, consumer);
    if (delivered === undefined) continue;
    for (const job of jobs) {
      if (job.over || job.failingOver || job.worker !== undefined || (job.streamSeq ?? Infinity) > delivered) continue;
      if (suspects.has(job)) void failSafely(job, failOverUnstarted(job, resources), resources);
      else next.add(job);
    }
  }
  return next;
}

function consumerOf(job: PendingJob): string {
  const candidate = job.meta.plan[job.cursor];
  return jobConsumer({ lane: job.meta.lane, tier: candidate?.tier ?? '', provider: candidate?.provider ?? '' });
}

async function failSafely(job: PendingJob, failover: Promise<void>, resources: IngressResources): Promise<void> {
  job.failingOver = true;
  try {
    await failover;
  } catch (error) {
    resources.log.error({ err: error, jobId: job.meta.id }, 'failover failed');
    job.fail(new GatewayError('worker_lost', 'The worker that ran this request died. Send the request again.', { cause: error }));
  }
  // whatever it came to, the deadline and the next loss count again
  job.failingOver = false;
}
