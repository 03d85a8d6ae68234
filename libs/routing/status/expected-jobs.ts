import type { DeploymentLoad } from './deployment-load.ts';

/**
 * Jobs of this process, where the statuses of workers lag behind them. Without them a burst would all go to the deployment that was
 * idle when the last status came.
 *
 * planned ──▶ expected: counted here ──status of the worker that started it──▶ told of: counted by the worker
 *                 │ over: no longer counted                                        │ over: taken off here until the worker's
 *                 ▼                                                                ▼ next status no longer has it
 */
export interface ExpectedJobs {
  expect(jobId: string, deploymentId: string, inputTokens: number): void;
  /** It goes by another name from now on. */
  renamed(jobId: string, newId: string): void;
  started(jobId: string, worker: string): void;
  ended(jobId: string): void;
}

interface ExpectedJob {
  readonly load: DeploymentLoad;
  readonly inputTokens: number;
  worker: string | undefined;
  told: boolean;
}

/** Since a worker's last status. */
interface SinceStatus {
  /** Of the first of them (Unix ms). */
  readonly at: number;
  readonly started: ExpectedJob[];
  readonly ended: DeploymentLoad[];
}

export interface ExpectedJobsOfBoard extends ExpectedJobs {
  /** A status of this worker has come. */
  told(worker: string): void;
  /** Gives up waiting for statuses that should have come before this moment: workers tell of changes at once or not at all. */
  stopWaiting(before: number): void;
}

export function createExpectedJobs(loadOf: (deploymentId: string) => DeploymentLoad, now: () => number): ExpectedJobsOfBoard {
  const jobs = new Map<string, ExpectedJob>();
  const sinceStatus = new Map<string, SinceStatus>();

  const since = (worker: string): SinceStatus => {
    const known = sinceStatus.get(worker);
    if (known) return known;
    const fresh: SinceStatus = { at: now(), started: [], ended: [] };
    sinceStatus.set(worker, fresh);
    return fresh;
  };

  /** The worker counts it from now on, or nobody does. */
  const handOver = (job: ExpectedJob): void => {
    if (job.told) return;
    job.told = true;
    job.load.expected -= 1;
    job.load.expectedTokens -= job.inputTokens;
  };

  const told = (worker: string): void => {
    const news = sinceStatus.get(worker);
    if (!news) return;
    sinceStatus.delete(worker);
    for (const job of news.started) handOver(job);
    for (const load of news.ended) load.ended -= 1;
  };

  return {
    expect(jobId, deploymentId, inputTokens) {
      const load = loadOf(deploymentId);
      jobs.set(jobId, { load, inputTokens, worker: undefined, told: false });
      load.expected += 1;
      load.expectedTokens += inputTokens;
    },
    renamed(jobId, newId) {
      const job = jobs.get(jobId);
      if (!job) return;
      jobs.delete(jobId);
      jobs.set(newId, job);
    },
    started(jobId, worker) {
      const job = jobs.get(jobId);
      if (!job) return;
      if (job.worker !== undefined) {
        // a later attempt, probably at another deployment: what is known of the first is over
        jobs.delete(jobId);
        return handOver(job);
      }
      job.worker = worker;
      since(worker).started.push(job);
    },
    ended(jobId) {
      const job = jobs.get(jobId);
      if (!job) return;
      jobs.delete(jobId);
      if (!job.told) return handOver(job);
      if (job.worker === undefined) return;
      job.load.ended += 1;
      since(job.worker).ended.push(job.load);
    },
    told,
    stopWaiting(before) {
      for (const [worker, { at }] of sinceStatus) if (at < before) told(worker);
    },
  };
}
