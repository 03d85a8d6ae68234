import { LRUCache } from 'lru-cache';
import { GatewayError, type JobCaller, type JobQuestion, type JobView } from '#contracts';
import type { PendingJob } from '../job/pending-job.ts';
import type { PendingJobs } from '../job/pending-jobs.ts';

/** The jobs of this ingress as their owners may see and cancel them: those that run, and the last ones that have ended. */
export interface OwnJobs {
  /** Undefined for a job that is not here, or that the caller must not know of. A cancelled job is over when this returns. */
  answer(question: Exclude<JobQuestion, { type: 'list' }>): JobView | undefined;
  /** The caller's jobs that are queued or running. */
  list(caller: JobCaller): JobView[];
  /** To be told of every job that is over. */
  ended(job: PendingJob, error: GatewayError | undefined): void;
}

/** An entry is about 500 bytes. Older ones are in the ledger. */
const REMEMBERED_JOBS = 5_000;

/** An answer stays below NATS's usual limit for a message. */
const MOST_LISTED = 1_000;

interface Ended {
  readonly keyHash: string;
  readonly view: JobView;
}

export function createOwnJobs({ pending, now }: { readonly pending: PendingJobs; readonly now: () => number }): OwnJobs {
  const past = new LRUCache<string, Ended>({ max: REMEMBERED_JOBS });
  return {
    answer(question) {
      const job = pending.get(question.job);
      if (job !== undefined && isOf(question.caller, job.meta.by.keyHash)) {
        if (question.type === 'show') return viewOf(job, undefined, undefined);
        pending.cancel(job, new GatewayError('cancelled', 'The job was cancelled.'));
      }
      const ended = past.get(question.job);
      return ended && isOf(question.caller, ended.keyHash) ? ended.view : undefined;
    },
    list: (caller) =>
      [...pending.all()]
        .filter((job) => isOf(caller, job.meta.by.keyHash))
        .slice(0, MOST_LISTED)
        .map((job) => viewOf(job, undefined, undefined)),
    ended(job, error) {
      past.set(job.meta.id, { keyHash: job.meta.by.keyHash, view: viewOf(job, error, now()) });
    },
  };
}

function isOf(caller: JobCaller, keyHash: string): boolean {
  return caller.isMaster || caller.keyHash === keyHash;
}

function viewOf(job: PendingJob, error: GatewayError | undefined, finishedAt: number | undefined): JobView {
  const { cursor, worker, attempt, startedAt } = job.current;
  const candidate = job.meta.plan[cursor];
  const state = worker === undefined ? 'queued' : 'running';
  return {
    id: job.meta.id,
    state: finishedAt === undefined ? state : 'done',
    model: job.meta.model,
    attempt,
    deploymentId: candidate?.deploymentId,
    provider: candidate?.provider,
    acceptedAt: job.meta.acceptedAt,
    startedAt,
    deadlineAt: job.meta.deadlineAt,
    finishedAt,
    error: error && { code: error.code, message: error.message },
  };
}
