import { GatewayError } from '#contracts';
import type { GatewayConfig } from '#config';
import { listenForControl } from './control-listener.ts';
import { startDeadlineSweep } from './deadline-sweep.ts';
import { startHeartbeat } from './heartbeat.ts';
import { acceptJob } from './job/accept-job.ts';
import { createJobRegistry } from './job/job-registry.ts';
import { createPool, type Pool } from './pool/pool.ts';
import type { WorkerResources } from './resources.ts';

export interface WorkerOptions {
  /** Providers to serve; all of the configuration's when empty. */
  readonly providers: readonly string[];
  /** Jobs at a time and provider. */
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
  let stopping = false;
  const stopControl = listenForControl(registry, resources);
  const stopHeartbeat = startHeartbeat(registry, resources);
  const stopSweep = startDeadlineSweep(registry, resources);
  const execute = (pulled: Parameters<typeof acceptJob>[0]): Promise<void> =>
    acceptJob(pulled, { registry, stopping: () => stopping }, resources);
  const pools: Pool[] = [];
  for (const [provider, tiers] of tiersByProvider(resources.config, options.providers)) {
    pools.push(await createPool({ provider, tiers: [...tiers], slots: options.concurrency, execute }, resources));
  }

  return {
    pools,
    async stop(patienceMs) {
      stopping = true;
      for (const pool of pools) pool.stop();
      // a job whose last frames wait for a slow client is not done either: nobody else has them
      const idle = (): boolean => pools.every((pool) => pool.running === 0) && ![...registry.all()].some((job) => job.sender.full);
      if (!(await settled(idle, patienceMs))) {
        const reason = new GatewayError('worker_lost', 'The worker was stopped.');
        for (const job of registry.all()) if (!job.sender.finished) job.interrupt(reason);
        await settled(idle, HAND_OVER_MS);
      }
      stopSweep();
      stopHeartbeat();
      stopControl();
      for (const pool of pools) pool.close();
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

/** The tiers in use per provider. */
export function tiersByProvider(config: GatewayConfig, only: readonly string[]): Map<string, Set<string>> {
  const tiers = new Map<string, Set<string>>();
  for (const { provider, tier } of config.deployments) {
    if (only.length > 0 && !only.includes(provider)) continue;
    tiers.set(provider, (tiers.get(provider) ?? new Set()).add(tier));
  }
  return tiers;
}
