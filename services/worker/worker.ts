import type { PulledJob } from '#bus';
import { listenForControl } from './control-listener.ts';
import { startDeadlineSweep } from './deadline-sweep.ts';
import { drainWorker } from './drain.ts';
import { startHeartbeat } from './heartbeat.ts';
import { acceptJob } from './job/accept-job.ts';
import { createJobRegistry } from './job/job-registry.ts';
import { createHeldJobs } from './pool/held-jobs.ts';
import type { Pool } from './pool/pool.ts';
import { openPools } from './pool/pools.ts';
import type { WorkerResources } from './resources.ts';
import { startStatus } from './status/publish-status.ts';

export interface WorkerOptions {
  /** Providers to serve; all of the configuration's when empty. */
  readonly providers: readonly string[];
  /** Jobs at a time and provider, where the configuration says nothing. */
  readonly concurrency: number;
}

export interface Worker {
  readonly pools: readonly Pool[];
  /** See `drainWorker`; takes `withinMs` at most. */
  stop(withinMs: number): Promise<void>;
}

/** One worker process: a pool per provider over one registry of running jobs. */
export async function startWorker(options: WorkerOptions, resources: WorkerResources): Promise<Worker> {
  const registry = createJobRegistry();
  const held = createHeldJobs();
  let stopping = false;
  const stopControl = listenForControl(registry, held, resources);
  const stopHeartbeat = startHeartbeat(registry, held, resources);
  const stopSweep = startDeadlineSweep(registry, resources);
  const stopStatus = startStatus(resources.workerId, resources);
  let underWay = 0;
  const execute = (pulled: PulledJob): Promise<void> => {
    underWay += 1;
    return acceptJob(pulled, { registry, stopping: () => stopping }, resources).finally(() => (underWay -= 1));
  };
  const opened = await openPools({ ...options, held, execute }, resources);
  const { pools } = opened;

  return {
    pools,
    async stop(withinMs) {
      stopping = true;
      opened.freeze();
      await drainWorker({ pools, registry, underWay: () => underWay, withinMs });
      stopSweep();
      stopStatus();
      stopHeartbeat();
      stopControl();
      for (const pool of pools) pool.close();
      held.close();
    },
  };
}
