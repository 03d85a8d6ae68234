import { bookLost, lostAttemptEvent } from '#attempts';
import { deleteStored, readStored } from '#bus';
import {
  type AttemptEvent,
  attemptOfRange,
  encodeSentAnswer,
  GatewayError,
  type JobMeta,
  JOBS_STREAM,
  NO_USAGE,
  sentAnswerRef,
} from '#contracts';
import { nextAttempt } from '#routing';
import type { IngressResources } from '../resources.ts';
import type { AttemptLane } from './attempt-lane.ts';
import type { PendingJob } from './pending-job.ts';
import { publishAttempt } from './submit-job.ts';

/** Attempts a job may lose to dying workers, on top of its plan, before that is its answer. */
const LOST_ATTEMPTS = 3;

/**
 * The worker of a running attempt is dead. The attempt is booked as lost with what is known of its cost; then the job goes
 * on with the next attempt on the same candidate (the provider did nothing wrong). Where the client has text already, that
 * attempt goes on with it or begins anew, as the request asked; else the stream ends with an error event.
 */
export async function failOverLost(job: PendingJob, resources: IngressResources): Promise<void> {
  const lost = job.current;
  const stored = await bookLostLane(job, lost, resources);
  if (job.over || job.current !== lost) return;
  if (lost.streamSeq !== undefined) void deleteStored(resources.bus, JOBS_STREAM, lost.streamSeq);
  const { outcome, usage, body } = stored;
  job.shown?.lost(usage);
  const isTooMany = attemptOfRange(lost.attempt) > job.meta.plan.length + LOST_ATTEMPTS;
  if ((job.relayedFrames > 0 && job.recovery === undefined) || !body || isTooMany) {
    return job.attemptFailed(new GatewayError('worker_lost', 'The worker that ran this request died. Send the request again.'));
  }
  await requeue(job, body, outcome?.verdict === 'move' ? nextOf(job, outcome, resources) : staying(job), resources);
}

/** The worker of a second attempt is dead: it is booked as every lost attempt, and the first goes on alone. */
export async function dropLostHedge(job: PendingJob, lane: AttemptLane, resources: IngressResources): Promise<void> {
  try {
    await bookLostLane(job, lane, resources);
  } finally {
    if (lane.streamSeq !== undefined) void deleteStored(resources.bus, JOBS_STREAM, lane.streamSeq);
    if (job.hedge?.lane === lane) job.hedgeFailed();
  }
}

/** The job was handed to a worker that never started it: it died with the message in its socket. Nothing was spent. */
export async function failOverUnstarted(job: PendingJob, resources: IngressResources): Promise<void> {
  const lane = job.current;
  const { streamSeq } = lane;
  if (streamSeq === undefined) return;
  const stored = await readStored(resources.bus, JOBS_STREAM, streamSeq);
  if (job.over || job.current.attempt !== lane.attempt || job.current.worker !== undefined) return;
  if (!stored) {
    // settled by a worker that died before its frames left: the outcome is booked, the answer is gone
    return job.fail(new GatewayError('worker_lost', 'The worker that ran this request died. Send the request again.'));
  }
  resources.metrics.failovers.inc({ reason: 'delivery_lost' });
  resources.log.warn({ jobId: job.meta.id, streamSeq }, 'delivery lost, job is published again');
  void deleteStored(resources.bus, JOBS_STREAM, streamSeq);
  await requeue(job, stored, staying(job), resources);
}

type Place = Pick<JobMeta, 'cursor' | 'failures'>;

/** The provider did nothing wrong. */
function staying({ current: { cursor }, failures }: PendingJob): Place {
  return { cursor, failures };
}

/** The worker had stored its attempt's outcome and died before it moved the job. */
function nextOf(job: PendingJob, outcome: AttemptEvent, resources: IngressResources): Place {
  const { config, models, health, random } = resources;
  const error = new GatewayError(outcome.errorCode ?? 'worker_lost', '');
  const context = { router: config.router, deployment: models.deployment, availability: health, now: resources.now(), random };
  const next = nextAttempt({ ...job.meta, ...staying(job) }, error, context);
  return next !== undefined && 'cursor' in next ? { cursor: next.cursor, failures: next.failures } : staying(job);
}

async function requeue(job: PendingJob, body: Uint8Array, { cursor, failures }: Place, resources: IngressResources): Promise<void> {
  const attempt = job.current.attempt + 1;
  const meta: JobMeta = { ...job.meta, attempt, cursor, failures, previousError: 'worker_lost' };
  if (job.recovery === 'restart') job.restart('worker_lost');
  // first of all: a worker that was only slow must add nothing to what is left for the next one
  job.queuedAgain({ attempt, cursor, streamSeq: undefined, reason: 'worker_lost', failures });
  try {
    const streamSeq = await publishAttempt({ ...meta, sentRef: await leaveSent(job, resources) }, body, resources);
    if (job.current.attempt === meta.attempt) job.current.streamSeq = streamSeq;
  } catch (error) {
    job.fail(new GatewayError('queue_unavailable', 'The queue could not be reached. Try again.', { cause: error, retryAfterMs: 1_000 }));
  }
}

/** What the client has of the answer, for the attempt that goes on with it. Returns its name. */
async function leaveSent(job: PendingJob, { bodies }: IngressResources): Promise<string | undefined> {
  const sent = job.relayedFrames > 0 ? job.shown?.answer() : undefined;
  if (sent === undefined) return undefined;
  const ref = sentAnswerRef(job.meta.id, job.current.attempt);
  await bodies.put(ref, encodeSentAnswer(sent));
  job.sentRefs.push(ref);
  return ref;
}

/** Books a lane whose worker is dead; what is known of it, and its message's data where that is still there. */
async function bookLostLane(job: PendingJob, lane: AttemptLane, resources: IngressResources) {
  const { worker, attempt, streamSeq } = lane;
  resources.metrics.failovers.inc({ reason: 'worker_lost' });
  resources.log.warn({ jobId: job.meta.id, worker, attempt }, 'worker lost');
  const body = streamSeq === undefined ? undefined : await readStored(resources.bus, JOBS_STREAM, streamSeq);
  return { body, ...(await bookLostAttempt(job, lane, body, resources)) };
}

async function bookLostAttempt(job: PendingJob, lane: AttemptLane, stored: Uint8Array | undefined, resources: IngressResources) {
  const candidate = job.meta.plan[lane.cursor];
  if (!candidate) return { outcome: undefined, usage: NO_USAGE };
  const deployment = resources.models.deployment(candidate.modelGroup, candidate.deploymentId);
  const now = resources.now();
  const event = await lostAttemptEvent(
    {
      meta: { ...job.meta, attempt: lane.attempt },
      candidate,
      delivery: lane.delivery,
      worker: lane.worker ?? '',
      startedAt: lane.startedAt ?? now,
      endedAt: now,
      deployment,
      body: job.meta.bodyRef === undefined ? stored : undefined,
      outputTokens: lane.contentFrames,
    },
    resources.pricer,
  );
  const outcome = await bookLost(event, resources);
  return { outcome, usage: outcome?.usage ?? event.usage };
}
