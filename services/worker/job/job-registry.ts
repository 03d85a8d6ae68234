import { ChurnMap } from '#runtime';
import type { RunningJob } from './running-job.ts';

/** The jobs of this worker by id: executing ones, and finished ones whose last frame may not have arrived. */
export interface JobRegistry {
  add(job: RunningJob): void;
  get(id: string): RunningJob | undefined;
  /** The ingress no longer waits for it, or nobody ever did. */
  forget(id: string): void;
  all(): IterableIterator<RunningJob>;
  readonly size: number;
}

export function createJobRegistry(): JobRegistry {
  const jobs = new ChurnMap<RunningJob>();
  return {
    add: (job) => jobs.set(job.meta.id, job),
    get: (id) => jobs.get(id),
    forget: (id) => void jobs.delete(id),
    all: () => jobs.values(),
    get size() {
      return jobs.size;
    },
  };
}
