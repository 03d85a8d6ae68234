import { type Bus, deleteStored, publishCore, subscribeCore } from '#bus';
import {
  decodeFrame,
  FRAME,
  frameMeta,
  type GatewayError,
  type Heartbeat,
  type HeartbeatReply,
  heartbeatSubject,
  ingressInbox,
  type JobMeta,
  JOBS_STREAM,
  parseAttemptId,
  type StartedMeta,
  type WorkerControl,
  workerControlSubject,
} from '#contracts';
import type { ExpectedJobs } from '#routing';
import { ChurnMap } from '#runtime';
import type { FairShare } from '../admission/fair-share.ts';
import type { ClientResponse } from '../chat/client-response.ts';
import type { IngressMetrics } from '../metrics.ts';
import type { AttemptLane } from './attempt-lane.ts';
import { PendingJob } from './pending-job.ts';

/** All jobs whose clients wait at this ingress, fed by one subscription. */
export interface PendingJobs {
  readonly inbox: string;
  readonly size: number;
  open(meta: JobMeta, response: ClientResponse, watch: JobWatch): PendingJob;
  get(id: string): PendingJob | undefined;
  all(): IterableIterator<PendingJob>;
  /** The client is gone: a queued job leaves the queue, a running one is aborted and billed for what it produced. */
  cancel(job: PendingJob, error: GatewayError): void;
  /** When a worker was last heard of (Unix ms); 0 for never. */
  lastHeard(worker: string): number;
  close(): void;
}

export interface JobWatch {
  readonly onOver: (job: PendingJob, error: GatewayError | undefined) => void;
  /** Of a job that may be hedged: an attempt of it has started. */
  readonly onStarted?: ((job: PendingJob) => void) | undefined;
}

export interface PendingJobsOptions {
  readonly ingressId: string;
  readonly bus: Bus;
  readonly link: Bus;
  readonly metrics: IngressMetrics;
  /** Told when a planned job has started or is over. */
  readonly board: Pick<ExpectedJobs, 'started' | 'ended'>;
  /** Told which jobs wait. */
  readonly fairShare: Pick<FairShare, 'waits' | 'waitsNoMore'>;
  readonly now: () => number;
}

export function createPendingJobs(options: PendingJobsOptions): PendingJobs {
  const { bus, link, metrics, board, fairShare, now } = options;
  const inbox = ingressInbox(options.ingressId);
  const jobs = new ChurnMap<PendingJob>();
  const heard = new Map<string, number>();
  const control = (worker: string, message: WorkerControl): void =>
    publishCore(link, workerControlSubject(worker), Buffer.from(JSON.stringify(message)));

  /** A queued attempt leaves the queue, a running one is aborted. With a number other attempts of the job are not meant. */
  const endLane = (job: string, { worker, holder, streamSeq }: AttemptLane, attempt?: number): void => {
    const told = worker ?? holder?.worker;
    if (told !== undefined) control(told, { type: 'cancel', job, attempt });
    if (worker === undefined && streamSeq !== undefined) void deleteStored(bus, JOBS_STREAM, streamSeq);
  };

  const stopFrames = subscribeCore(link, `${inbox}.*`, ({ subject, data }) => {
    const id = subject.slice(inbox.length + 1);
    const job = jobs.get(id);
    if (job) job.onFrame(data);
    else cancelStray(id, data, control);
  });
  const stopCatchingUp = link.onReconnect(() => {
    for (const job of jobs.values()) job.catchUp();
  });
  const stopBeats = subscribeCore(link, heartbeatSubject(inbox), (message) => {
    const beat = JSON.parse(Buffer.from(message.data).toString()) as Heartbeat;
    heard.set(beat.worker, now());
    message.respond(Buffer.from(JSON.stringify(answerBeat(beat, jobs, now()))));
  });

  return {
    inbox,
    get size() {
      return jobs.size;
    },
    open(meta, response, { onOver, onStarted }) {
      const job = new PendingJob({
        meta,
        response,
        mayBeHedged: onStarted !== undefined,
        now,
        control,
        onStarted: (started) => {
          const { worker } = started.current;
          if (worker === undefined) return;
          heard.set(worker, now());
          board.started(meta.id, worker);
          fairShare.waitsNoMore(meta.id);
          onStarted?.(started);
        },
        onHedgeStarted: (worker) => void heard.set(worker, now()),
        onSuperseded: (_job, lane) => endLane(meta.id, lane, lane.attempt),
        onOver: (ended, error) => {
          board.ended(meta.id);
          fairShare.waitsNoMore(meta.id);
          jobs.delete(meta.id);
          metrics.inFlight.set(jobs.size);
          onOver(ended, error);
        },
        onResend: () => metrics.resends.inc(),
      });
      jobs.set(meta.id, job);
      fairShare.waits(meta);
      metrics.inFlight.set(jobs.size);
      return job;
    },
    get: (id) => jobs.get(id),
    all: () => jobs.values(),
    cancel(job, error) {
      // first of all: what else there is to do can wait
      endLane(job.meta.id, job.current);
      job.fail(error);
    },
    lastHeard: (worker) => heard.get(worker) ?? 0,
    close() {
      stopFrames();
      stopBeats();
      stopCatchingUp();
    },
  };
}

/** A job started whose client left while it was queued: told at its first frame, the rest by the heartbeat. */
function cancelStray(id: string, data: Uint8Array, control: (worker: string, message: WorkerControl) => void): void {
  if (data[0] !== FRAME.started) return;
  const frame = decodeFrame(data);
  control(frameMeta<StartedMeta>(frame).worker, { type: 'cancel', job: id });
}

function answerBeat(beat: Heartbeat, jobs: Pick<ChurnMap<PendingJob>, 'get'>, now: number): HeartbeatReply {
  const over = beat.attempts.filter((token) => isOver(token, beat.worker, jobs));
  if (beat.held === undefined) return { over };
  return { over: [...over, ...beat.held.filter((token) => isNotWaitedFor(token, { worker: beat.worker, heardAt: now }, jobs))] };
}

/** Of a job that waits at a worker: notes that it does, so that nobody takes it for lost. */
function isNotWaitedFor(token: string, holder: NonNullable<AttemptLane['holder']>, jobs: Pick<ChurnMap<PendingJob>, 'get'>): boolean {
  const { job: id, attempt } = parseAttemptId(token);
  const lane = jobs.get(id)?.lanes.laneFor(attempt);
  if (!lane) return true;
  // started meanwhile, here or elsewhere: who runs it tells of it
  if (attempt === lane.attempt && lane.worker === undefined) lane.holder = holder;
  return lane.worker !== undefined && lane.worker !== holder.worker;
}

function isOver(token: string, worker: string, jobs: Pick<ChurnMap<PendingJob>, 'get'>): boolean {
  const { job: id, attempt, delivery } = parseAttemptId(token);
  const job = jobs.get(id);
  const lane = job?.lanes.laneFor(attempt);
  if (!job || !lane) return true;
  if (attempt === lane.attempt && lane.worker !== undefined) return lane.worker !== worker;
  job.adopt(worker, attempt, delivery);
  return false;
}
