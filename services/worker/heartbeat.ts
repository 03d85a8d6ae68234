import { requestCore } from '#bus';
import { attemptId, type Heartbeat, HEARTBEAT_INTERVAL_MS, type HeartbeatReply, heartbeatSubject, parseAttemptId } from '#contracts';
import type { JobRegistry } from './job/job-registry.ts';
import type { RunningJob } from './job/running-job.ts';
import { type HeldJob, type HeldJobs, heldToken } from './pool/held-jobs.ts';
import type { WorkerResources } from './resources.ts';

/**
 * Once a second each ingress is told which of its jobs are here. Its silence about a job means that it still waits for it;
 * the attempts it names are over there: a finished one is forgotten (this is the ack of its last frame, a thousand in one
 * message), a running one has lost its client and its cancel got lost.
 *
 * An ingress that nobody answers for during two seconds is dead, and its clients with it: running calls are cancelled and billed.
 */
const DEAD_AFTER_MS = 2_000;
const REPLY_TIMEOUT_MS = 900;
/** With so many finished jobs at hand they are told of 20 times a second: what is kept for long costs the collector more. */
const MANY_JOBS = 100;
const TICKS_PER_BEAT = 20;
/** Keeps a beat well below NATS's default limit of 1 MB a message. */
const JOBS_PER_BEAT = 10_000;

export function startHeartbeat(registry: JobRegistry, held: HeldJobs, resources: WorkerResources): () => void {
  const missedSince = new Map<string, number>();
  let overdue: ReadonlyMap<RunningJob, number> = new Map();
  let ticks = 0;
  const timer = setInterval(() => {
    ticks += 1;
    const isBeat = ticks % TICKS_PER_BEAT === 0;
    const told = isBeat ? [...registry.all()] : manyFinished(registry);
    for (const [inbox, jobs] of groupByInbox(told)) {
      for (let at = 0; at < jobs.length; at += JOBS_PER_BEAT) void beat(inbox, jobs.slice(at, at + JOBS_PER_BEAT));
    }
    if (isBeat) overdue = resendOverdue(registry, overdue);
    if (isBeat) tellHeld([...held.all()]);
  }, HEARTBEAT_INTERVAL_MS / TICKS_PER_BEAT);

  /** At once when a job has to wait here, or its ingress would take it for lost. */
  const tellHeld = (jobs: readonly HeldJob[]): void => {
    for (const [inbox, waiting] of Map.groupBy(jobs, ({ meta }) => meta?.inbox)) {
      if (inbox !== undefined) void beat(inbox, [], waiting);
    }
  };
  held.onStaying(tellHeld);

  const beat = async (inbox: string, jobs: readonly RunningJob[], waiting: readonly HeldJob[] = []): Promise<void> => {
    const heldTokens = [...waiting.map(heldToken), ...jobs.filter(({ waits }) => waits).map(tokenOf)];
    const message: Heartbeat = {
      worker: resources.workerId,
      attempts: jobs.filter(({ waits }) => !waits).map(tokenOf),
      held: heldTokens.length === 0 ? undefined : heldTokens,
    };
    const answer = await requestCore(resources.bus, heartbeatSubject(inbox), Buffer.from(JSON.stringify(message)), {
      timeoutMs: REPLY_TIMEOUT_MS,
    });
    if (answer.kind === 'answer') {
      missedSince.delete(inbox);
      const reply = JSON.parse(Buffer.from(answer.data).toString()) as HeartbeatReply;
      for (const token of reply.over) releaseToken(registry, held, token);
    } else if (answer.kind === 'nobody') {
      const since = missedSince.get(inbox) ?? resources.now();
      missedSince.set(inbox, since);
      if (resources.now() - since >= DEAD_AFTER_MS) {
        for (const job of jobs) release(registry, job);
        for (const { meta } of waiting) if (meta) held.drop(meta.id, meta.attempt);
      }
    }
  };

  return () => clearInterval(timer);
}

function tokenOf({ meta, delivery }: RunningJob): string {
  return attemptId(meta.id, meta.attempt, delivery);
}

/**
 * Jobs that had finished before the last beat and are still waited for: their last frame got lost, or a slow reader has not
 * come to it. Sent again after 1, 2, 4, 8 … beats. Returns how many beats each has been finished for.
 */
function resendOverdue(registry: JobRegistry, overdue: ReadonlyMap<RunningJob, number>): Map<RunningJob, number> {
  const next = new Map<RunningJob, number>();
  for (const job of registry.all()) {
    if (!job.sender.finished) continue;
    const beats = overdue.get(job) ?? 0;
    if (beats > 0 && Number.isInteger(Math.log2(beats))) job.sender.resendFrom(0);
    next.set(job, beats + 1);
  }
  return next;
}

function releaseToken(registry: JobRegistry, held: HeldJobs, token: string): void {
  const { job: id, attempt } = parseAttemptId(token);
  held.drop(id, attempt);
  const job = registry.get(id, attempt);
  if (job?.meta.attempt === attempt) release(registry, job);
}

function release(registry: JobRegistry, job: RunningJob | undefined): void {
  if (!job) return;
  if (job.sender.finished) registry.forget(job.meta.id, job.meta.attempt);
  else job.control({ type: 'cancel', job: job.meta.id });
}

/** Jobs that only wait to be forgotten, once there are many of them. */
function manyFinished(registry: JobRegistry): readonly RunningJob[] {
  if (registry.size < MANY_JOBS) return [];
  const finished = [...registry.all()].filter((job) => job.sender.finished);
  return finished.length < MANY_JOBS ? [] : finished;
}

function groupByInbox(all: readonly RunningJob[]): Map<string, RunningJob[]> {
  const groups = new Map<string, RunningJob[]>();
  for (const job of all) {
    const { inbox } = job.meta;
    if (inbox === undefined) continue;
    const group = groups.get(inbox);
    if (group) group.push(job);
    else groups.set(inbox, [job]);
  }
  return groups;
}
