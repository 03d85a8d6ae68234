import { GatewayError } from '#contracts';
import type { JobRegistry } from './job/job-registry.ts';
import type { Pool } from './pool/pool.ts';

export interface DrainOptions {
  readonly pools: readonly Pool[];
  readonly registry: JobRegistry;
  /** Messages being looked after: run, or given back. */
  readonly underWay: () => number;
  /** Milliseconds for all of it. */
  readonly withinMs: number;
}

/** For storing the outcomes of interrupted attempts and publishing their next ones. */
const HAND_OVER_MS = 1_500;
/** Ingresses say once a second which of the finished jobs are over there. */
const LAST_WORDS_MS = 1_500;
const POLL_MS = 20;

/**
 * Ends a worker's work without losing any of it, in this order:
 *
 * 1. its open pulls are taken back, and what still comes is given back, unrun, for other workers;
 * 2. running jobs get the time there is to end;
 * 3. those that have not ended are interrupted: what was produced is booked, and the job goes on elsewhere from the same place of its
 *    plan, as far as its client can be given another answer;
 * 4. last frames that an ingress has not acknowledged can be asked for again for a moment.
 */
export async function drainWorker({ pools, registry, underWay, withinMs }: DrainOptions): Promise<void> {
  const endsAt = performance.now() + withinMs;
  const handOverMs = Math.min(HAND_OVER_MS, withinMs / 2);
  let quiet = false;
  void Promise.all(pools.map((pool) => pool.stop())).then(() => (quiet = true));
  // a job whose last frames wait for a slow client is not done either: nobody else has them
  const idle = (): boolean => quiet && underWay() === 0 && ![...registry.all()].some((job) => job.sender.full);
  if (!(await settled(idle, endsAt - handOverMs))) {
    const reason = new GatewayError('worker_lost', 'The worker was stopped.');
    for (const job of registry.all()) if (!job.sender.finished) job.interrupt(reason);
    await settled(idle, endsAt);
  }
  await settled(() => registry.size === 0, Math.min(endsAt, performance.now() + LAST_WORDS_MS));
}

async function settled(condition: () => boolean, until: number): Promise<boolean> {
  while (!condition()) {
    if (performance.now() > until) return false;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  return true;
}
