import { publishDurably, type PulledJob, StreamFull } from '#bus';
import {
  type AnswerRepair,
  type AttemptFailure,
  encodeJobMeta,
  type ErrorCode,
  FRAME,
  GatewayError,
  JOB_HEADER,
  jobMessageId,
  type JobMeta,
  jobSubject,
} from '#contracts';
import { GuardrailBlock } from '#guardrails';
import { nextAttempt, routeOf } from '#routing';
import type { AttemptOutcome } from '../attempt/attempt-outcome.ts';
import type { HandOver } from '../attempt/stream-recovery/hand-over.ts';
import type { WorkerResources } from '../resources.ts';
import type { RunningJob } from './running-job.ts';

/** The next attempt of a job that failed here, or was not run here. */
export interface Move {
  readonly cursor: number;
  readonly reason: string;
  /** Milliseconds to wait first: a retry on the same deployment needs a pause. */
  readonly pauseMs: number;
  /** All attempts of the job that failed. */
  readonly failures: readonly AttemptFailure[];
  /** The same deployment is told what was wrong with its answer. */
  readonly repair?: AnswerRepair | undefined;
  /** Nothing was called here. */
  readonly unrun?: boolean | undefined;
}

/** The most a worker keeps a job waiting before a retry on the same deployment. */
const LONGEST_PAUSE_MS = 30_000;
/** Between two tries to queue the next attempt: a full queue refuses at once, without a pause the retries would spin. */
const REQUEUE_PAUSE_MS = 1_000;

/**
 * Whether a failed attempt is worth another, and where. A pause that would pass the deadline is not taken. An error when the job ends
 * for another reason than its own: everybody else is in cooldown.
 */
export function nextMove(job: RunningJob, outcome: AttemptOutcome, resources: WorkerResources): Move | GatewayError | undefined {
  const { meta } = job;
  const { error } = outcome;
  // a stored answer may begin anew when its worker has to end: its readers are told
  const isFinal = outcome.relayed && outcome.recovery === undefined && !(meta.run !== undefined && error?.code === 'worker_lost');
  if (!error || isFinal || job.cancelled) return undefined;
  // of two attempts only the first goes on elsewhere
  if (meta.hedges !== undefined && !outcome.relayed) return undefined;
  const repair = repairOf(meta, error);
  if (repair !== undefined) return { cursor: meta.cursor, reason: error.code, pauseMs: 0, failures: meta.failures ?? [], repair };
  // this worker ends, and the provider did nothing wrong
  if (error.code === 'worker_lost') return { cursor: meta.cursor, reason: error.code, pauseMs: 0, failures: meta.failures ?? [] };
  const next = nextAttempt(meta, error, contextOf(resources));
  if (next === undefined) return undefined;
  if (!('cursor' in next)) return nobodyHealthy(meta, next.retryAfterMs, error);
  const deploymentId = meta.plan[next.cursor]?.deploymentId ?? '';
  // the next attempt waits for its deployment's limit to end (passCooldown): with all others, and as long as it has time
  const waits =
    !resources.health.isAvailable(deploymentId, resources.now()) && resources.health.isWaitedFor?.(deploymentId, meta.deadlineAt);
  if (waits === true) return { ...next, pauseMs: 0, reason: error.code };
  if (next.pauseMs > LONGEST_PAUSE_MS || resources.now() + next.pauseMs >= meta.deadlineAt) return undefined;
  return { ...next, reason: error.code };
}

/** Once in a job. A hedge would be a third call for one answer. */
function repairOf({ repair, hedges }: JobMeta, error: GatewayError): AnswerRepair | undefined {
  return repair === undefined && hedges === undefined && error instanceof GuardrailBlock ? error.repair : undefined;
}

export function nobodyHealthy(meta: JobMeta, retryAfterMs: number, cause: unknown): GatewayError {
  return new GatewayError('no_healthy_deployment', `No deployment of ${meta.model} is healthy at the moment. Try again later.`, {
    retryAfterMs,
    cause,
  });
}

function contextOf({ config, models, health, now, random }: WorkerResources) {
  return { router: config.router, deployment: models.deployment, availability: health, now: now(), random };
}

/** Resolves at once when the job is cancelled, or with `sooner`. */
export async function pauseUnlessCancelled(job: RunningJob, pauseMs: number, sooner?: Promise<void>): Promise<void> {
  if (pauseMs <= 0) return;
  let timer: NodeJS.Timeout | undefined;
  const elapsed = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, pauseMs);
  });
  await Promise.race([elapsed, job.whenCancelled, ...(sooner === undefined ? [] : [sooner])]);
  clearTimeout(timer);
}

/** Publishes the next attempt and tells the ingress. The message id makes a repeat after a crash harmless. */
export async function moveJob(
  job: RunningJob,
  pulled: PulledJob,
  move: Move,
  resources: WorkerResources,
  handedOver: HandOver = {},
): Promise<void> {
  const attempt = job.meta.attempt + 1;
  const meta: JobMeta = { ...job.meta, sentRef: handedOver.sentRef };
  const streamSeq = await publishAttempt(meta, { ...move, attempt }, pulled.data, resources);
  const { cursor, reason, failures } = move;
  job.sender.send({ kind: FRAME.moved, meta: { attempt, cursor, streamSeq, reason, failures, ...handedOver } });
}

/** The move of an earlier delivery, of which only the outcome is known to be stored. */
export async function republishMove(
  job: RunningJob,
  pulled: PulledJob,
  failed: { readonly errorCode?: ErrorCode | undefined },
  resources: WorkerResources,
): Promise<void> {
  const code = failed.errorCode ?? 'worker_lost';
  const error = new GatewayError(code, '');
  const next = nextAttempt(job.meta, error, contextOf(resources));
  // it was worth another attempt when it failed: if nobody is healthy now, the same deployment is asked once more
  const move = next !== undefined && 'cursor' in next ? next : { cursor: job.meta.cursor, failures: job.meta.failures ?? [] };
  await moveJob(job, pulled, { ...move, reason: code, pauseMs: 0 }, resources);
}

async function publishAttempt(
  meta: JobMeta,
  next: Move & { readonly attempt: number },
  body: Uint8Array,
  resources: WorkerResources,
): Promise<number> {
  const candidate = meta.plan[next.cursor];
  if (!candidate) throw new Error(`job ${meta.id} has no candidate ${next.cursor}`);
  const { attempt, cursor, failures, unrun, repair = meta.repair } = next;
  const detours = unrun === true ? (meta.detours ?? 0) + 1 : meta.detours;
  const nextMeta: JobMeta = { ...meta, attempt, cursor, failures, detours, repair, previousError: next.reason };
  const message = {
    subject: jobSubject(routeOf(meta, candidate, resources.models)),
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
