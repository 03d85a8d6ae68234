import { GatewayError } from '#contracts';
import { listenForControl } from './control-listener.ts';
import { startDeadlineSweep } from './deadline-sweep.ts';
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
  /** No new jobs; running ones get `patienceMs` to end, then they go to the next attempt elsewhere. */
  stop(patienceMs: number): Promise<void>;
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
  const execute = (pulled: Parameters<typeof acceptJob>[0]): Promise<void> =>
    acceptJob(pulled, { registry, stopping: () => stopping }, resources);
  const opened = await openPools({ ...options, held, execute }, resources);
  const { pools } = opened;

  return {
    pools,
    async stop(patienceMs) {
      stopping = true;
      opened.freeze();
      for (const pool of pools) pool.stop();
      // a job whose last frames wait for a slow client is not done either: nobody else has them
      const idle = (): boolean => pools.every((pool) => pool.running === 0) && ![...registry.all()].some((job) => job.sender.full);
      if (!(await settled(idle, patienceMs))) {
        const reason = new GatewayError('worker_lost', 'The worker was stopped.');
        for (const job of registry.all()) if (!job.sender.finished) job.interrupt(reason);
        await settled(idle, HAND_OVER_MS);
      }
      stopSweep();
      stopStatus();
      stopHeartbeat();
      stopControl();
      for (const pool of pools) pool.close();
      held.close();
    },
  };
}

/** For storing the outcomes of interrupted attempts and publishing their next ones. */
const HAND_OVER_MS = 1_500;
const POLL_MS = 20;

async function settled(condition: () => boolean, withinMs: number): Promise<boolean> {
  const giveUpAt = performance.now() + withinMs;
  while (!condition()) {
    if (performance.now() > giveUpAt) return false;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  return true;
}
