import { isHedgeAttempt } from '#contracts';
import { ChurnMap } from '#runtime';
import type { RunningJob } from './running-job.ts';

/**
 * The jobs of this worker: executing ones, and finished ones whose last frame may not have arrived. Of a job that is hedged there may be two, told
 * apart by the number of any attempt of theirs.
 */
export interface JobRegistry {
  add(job: RunningJob): void;
  get(id: string, attempt: number): RunningJob | undefined;
  /** All of a job, or those of one attempt. */
  allOf(id: string, attempt?: number): readonly RunningJob[];
  /** The ingress no longer waits for it, or nobody ever did. */
  forget(id: string, attempt: number): void;
  all(): IterableIterator<RunningJob>;
  readonly size: number;
}

export function createJobRegistry(): JobRegistry {
  const jobs = new ChurnMap<RunningJob>();
  return {
    add: (job) => jobs.set(registryKey(job.meta.id, job.meta.attempt), job),
    get: (id, attempt) => jobs.get(registryKey(id, attempt)),
    allOf(id, attempt) {
      const keys = attempt === undefined ? [id, hedgeKey(id)] : [registryKey(id, attempt)];
      return keys.flatMap((key) => jobs.get(key) ?? []).filter(({ meta }) => attempt === undefined || meta.attempt === attempt);
    },
    forget: (id, attempt) => void jobs.delete(registryKey(id, attempt)),
    all: () => jobs.values(),
    get size() {
      return jobs.size;
    },
  };
}

/** A later attempt takes the place of an earlier one; a hedge has a place of its own. */
export function registryKey(id: string, attempt: number): string {
  return isHedgeAttempt(attempt) ? hedgeKey(id) : id;
}

/** Ids of jobs have no dots. */
export function hedgeKey(id: string): string {
  return `${id}.hedge`;
}
