import { bookLost, lostAttemptEvent } from '#attempts';
import { deleteStored, readStored } from '#bus';
import { GatewayError, JOBS_STREAM, type JobMeta } from '#contracts';
import { nextCandidate } from '#routing';
import type { IngressResources } from '../resources.ts';
import type { PendingJob } from './pending-job.ts';
import { publishAttempt } from './submit-job.ts';

/** Attempts a job may lose to dying workers, on top of its plan, before that is its answer. */
const LOST_ATTEMPTS = 3;

/**
 * The worker of a running attempt is dead. The attempt is booked as lost with what is known of its cost; then the job goes
 * on with the next attempt on the same candidate (the provider did nothing wrong), unless the client has text already:
 * that stream ends with an error event.
 */
export async function failOverLost(job: PendingJob, resources: IngressResources): Promise<void> {
  resources.metrics.failovers.inc({ reason: 'worker_lost' });
  resources.log.warn({ jobId: job.meta.id, worker: job.worker, attempt: job.attempt }, 'worker lost, job goes to the next attempt');
  const lost = { attempt: job.attempt, cursor: job.cursor, streamSeq: job.streamSeq };
  const stored = lost.streamSeq === undefined ? undefined : await readStored(resources.bus, JOBS_STREAM, lost.streamSeq);
  const outcome = await bookLostAttempt(job, stored, resources);
  if (job.over || job.attempt !== lost.attempt) return;
  if (lost.streamSeq !== undefined) void deleteStored(resources.bus, JOBS_STREAM, lost.streamSeq);
  if (job.relayedFrames > 0 || !stored || lost.attempt > job.meta.plan.length + LOST_ATTEMPTS) {
    return job.fail(new GatewayError('worker_lost', 'The worker that ran this request died. Send the request again.'));
  }
  const cursor = outcome?.verdict === 'move' ? nextCandidate({ plan: job.meta.plan, cursor: lost.cursor, retry: 'anywhere' }) : lost.cursor;
  await requeue(job, stored, cursor ?? lost.cursor, resources);
}

/** The job was handed to a worker that never started it: it died with the message in its socket. Nothing was spent. */
export async function failOverUnstarted(job: PendingJob, resources: IngressResources): Promise<void> {
  const { streamSeq, attempt, cursor } = job;
  if (streamSeq === undefined) return;
  const stored = await readStored(resources.bus, JOBS_STREAM, streamSeq);
  if (job.over || job.attempt !== attempt || job.worker !== undefined) return;
  if (!stored) {
    // settled by a worker that died before its frames left: the outcome is booked, the answer is gone
    return job.fail(new GatewayError('worker_lost', 'The worker that ran this request died. Send the request again.'));
  }
  resources.metrics.failovers.inc({ reason: 'delivery_lost' });
  resources.log.warn({ jobId: job.meta.id, streamSeq }, 'delivery lost, job is published again');
  void deleteStored(resources.bus, JOBS_STREAM, streamSeq);
  await requeue(job, stored, cursor, resources);
}

async function requeue(job: PendingJob, body: Uint8Array, cursor: number, resources: IngressResources): Promise<void> {
  const meta: JobMeta = { ...job.meta, attempt: job.attempt + 1, cursor, previousError: 'worker_lost' };
  job.queuedAgain({ attempt: meta.attempt, cursor, streamSeq: undefined, reason: 'worker_lost' });
  try {
    const streamSeq = await publishAttempt(meta, body, resources);
    if (job.attempt === meta.attempt) job.streamSeq = streamSeq;
  } catch (error) {
    job.fail(new GatewayError('queue_unavailable', 'The queue could not be reached. Try again.', { cause: error, retryAfterMs: 1_000 }));
  }
}

async function bookLostAttempt(job: PendingJob, stored: Uint8Array | undefined, resources: IngressResources) {
  const candidate = job.meta.plan[job.cursor];
  if (!candidate) return undefined;
  const deployment = resources.models.deployment(candidate.modelGroup, candidate.deploymentId);
  const now = resources.now();
  const event = await lostAttemptEvent(
    {
      meta: { ...job.meta, attempt: job.attempt },
      candidate,
      delivery: job.delivery,
      worker: job.worker ?? '',
      startedAt: job.startedAt ?? now,
      endedAt: now,
      deployment,
      body: job.meta.bodyRef === undefined ? stored : undefined,
      outputTokens: job.relayedFrames,
    },
    resources.pricer,
  );
  return bookLost(event, resources);
}
