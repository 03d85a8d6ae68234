import { type DeploymentDigest, minuteOf, STATUS_KEEPALIVE_MS, STATUS_SILENCE_MS, type WorkerStatus } from '#contracts';
import { createDeploymentLoad, type DeploymentLoad, type HeardDigest, sumDigests } from './deployment-load.ts';
import { createExpectedJobs, type ExpectedJobs } from './expected-jobs.ts';

/**
 * What this process knows of every deployment's load: the statuses of all workers added up, and its own jobs that no status
 * tells of yet. A worker with calls under way that falls silent for 3 s is dead, and its calls no longer count; what it has
 * measured stays true for as long as measurements hold.
 */
export interface StatusBoard extends ExpectedJobs {
  /** The one object for a deployment, idle and unmeasured when nobody has told of it. */
  loadOf(deploymentId: string): DeploymentLoad;
  apply(status: WorkerStatus): void;
  /** To be called before loads are read: lets go of silent workers and of the minute that has passed. Cheap when nothing is due. */
  refresh(): void;
}

export interface StatusBoardOptions {
  readonly now: () => number;
  /** `routing_strategy_args.ttl`. */
  readonly measurementsHoldMs: number;
}

interface HeardWorker {
  heardAt: number;
  silent: boolean;
  digests: ReadonlyMap<string, DeploymentDigest>;
}

const REFRESH_EVERY_MS = 1_000;

export function createStatusBoard({ now, measurementsHoldMs }: StatusBoardOptions): StatusBoard {
  const loads = new Map<string, DeploymentLoad>();
  const workers = new Map<string, HeardWorker>();
  let minute = minuteOf(now());
  let refreshAt = 0;

  const loadOf = (id: string): DeploymentLoad => {
    const known = loads.get(id);
    if (known) return known;
    const load = createDeploymentLoad(id);
    loads.set(id, load);
    return load;
  };
  const { told, stopWaiting, ...expected } = createExpectedJobs(loadOf, now);

  const sum = (id: string, at: number): void => {
    const digests: HeardDigest[] = [];
    for (const { digests: known, silent } of workers.values()) {
      const digest = known.get(id);
      if (digest) digests.push({ digest, silent });
    }
    sumDigests(loadOf(id), digests, at, measurementsHoldMs);
  };

  /** Worker ids are new at every start: those that have nothing left to tell are not kept. */
  const isOutdated = (worker: HeardWorker, at: number): boolean =>
    at - worker.heardAt > STATUS_SILENCE_MS &&
    [...worker.digests.values()].every((digest) => digest.minute !== minuteOf(at) && at - digest.measuredAt >= measurementsHoldMs);

  return {
    ...expected,
    loadOf,
    apply(status) {
      const at = now();
      const before = workers.get(status.worker);
      const digests = new Map(status.deployments.map((digest) => [digest.id, digest]));
      workers.set(status.worker, { heardAt: at, silent: false, digests });
      const touched = new Set([...digests.keys(), ...(before?.digests.keys() ?? [])]);
      for (const id of touched) sum(id, at);
      told(status.worker);
    },
    refresh() {
      const at = now();
      if (at < refreshAt && minuteOf(at) === minute) return;
      refreshAt = at + REFRESH_EVERY_MS;
      minute = minuteOf(at);
      for (const [id, worker] of workers) {
        worker.silent = at - worker.heardAt > STATUS_SILENCE_MS;
        if (isOutdated(worker, at)) workers.delete(id);
      }
      for (const id of loads.keys()) sum(id, at);
      stopWaiting(at - STATUS_KEEPALIVE_MS);
    },
  };
}
