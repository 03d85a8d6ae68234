import { publishDurably, type PulledJob, StreamFull } from '#bus';
import { encodeJobMeta, FRAME, JOB_HEADER, jobMessageId, type JobMeta, jobSubject } from '#contracts';
import { nextCandidate, pauseBeforeNext } from '#routing';
import type { AttemptOutcome } from '../attempt/attempt-outcome.ts';
import type { WorkerResources } from '../resources.ts';
import type { RunningJob } from './running-job.ts';

/** The next attempt of a job that failed here. */
export interface Move {
  readonly cursor: number;
  readonly reason: string;
  /** Milliseconds to wait first: a retry on the same deployment needs a pause. */
  readonly pauseMs: number;
}

/** The most a worker keeps a job waiting before a retry on the same deployment. */
const LONGEST_PAUSE_MS = 30_000;
/** Between two tries to queue the next attempt: a full queue refuses at once, without a pause the retries would spin. */
const REQUEUE_PAUSE_MS = 1_000;

/** Whether a failed attempt is worth another, and where. A pause that would pass the deadline is not taken. */
export function nextMove(job: RunningJob, outcome: AttemptOutcome, resources: WorkerResources): Move | undefined {
  const { meta } = job;
  const { error } = outcome;
  if (!error || outcome.relayed || job.cancelled) return undefined;
  const cursor = nextCandidate({ plan: meta.plan, cursor: meta.cursor, retry: error.retry });
  if (cursor === undefined) return undefined;
  const pauseMs = pauseBeforeNext({
    sameDeployment: meta.plan[cursor]?.deploymentId === meta.plan[meta.cursor]?.deploymentId,
    attempt: meta.attempt,
    providerAskedMs: error.retryAfterMs,
    floorMs: resources.config.router.retryAfterMs,
    random: resources.random,
  });
  if (pauseMs > LONGEST_PAUSE_MS || resources.now() + pauseMs >= meta.deadlineAt) return undefined;
  return { cursor, reason: error.code, pauseMs };
}

/** Resolves at once when the job is cancelled. */
export async function pauseUnlessCancelled(job: RunningJob, pauseMs: number): Promise<void> {
  if (pauseMs <= 0) return;
  let timer: NodeJS.Timeout | undefined;
  const elapsed = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, pauseMs);
  });
  await Promise.race([elapsed, job.whenCancelled]);
  clearTimeout(timer);
}

/** Publishes the next attempt and tells the ingress. The message id makes a repeat after a crash harmless. */
export async function moveJob(job: RunningJob, pulled: PulledJob, move: Move, resources: WorkerResources): Promise<void> {
  const attempt = job.meta.attempt + 1;
  const streamSeq = await publishAttempt(job.meta, { ...move, attempt }, pulled.data, resources);
  job.sender.send({ kind: FRAME.moved, meta: { attempt, cursor: move.cursor, streamSeq, reason: move.reason } });
}

/** The move of an earlier delivery, of which only the outcome is known to be stored. */
export async function republishMove(job: RunningJob, pulled: PulledJob, resources: WorkerResources): Promise<void> {
  const cursor = nextCandidate({ plan: job.meta.plan, cursor: job.meta.cursor, retry: 'anywhere' });
  if (cursor === undefined) return;
  await moveJob(job, pulled, { cursor, reason: 'worker_lost', pauseMs: 0 }, resources);
}

async function publishAttempt(
  meta: JobMeta,
  next: Move & { readonly attempt: number },
  body: Uint8Array,
  resources: WorkerResources,
): Promise<number> {
  const candidate = meta.plan[next.cursor];
  if (!candidate) throw new Error(`job ${meta.id} has no candidate ${next.cursor}`);
  const nextMeta: JobMeta = { ...meta, attempt: next.attempt, cursor: next.cursor, previousError: next.reason };
  const message = {
    subject: jobSubject({ lane: meta.lane, tier: candidate.tier, provider: candidate.provider }),
    data: body,
    messageId: jobMessageId(meta.id, next.attempt),
    headers: { [JOB_HEADER]: encodeJobMeta(nextMeta) },
  };
  for (;;) {
    try {
      return (await publishDurably(resources.bus, message, { giveUpAfterMs: 20_000 })).streamSeq;
    } catch (error) {
      if (resources.bus.nc.isClosed()) throw error;
      resources.log.error(
        { err: error, jobId: meta.id, full: error instanceof StreamFull },
        'the next attempt could not be queued, trying on',
      );
      await new Promise((resolve) => setTimeout(resolve, REQUEUE_PAUSE_MS));
    }
  }
}
