import { holdOn } from '#config';
import { jobConsumer, type JobRoute } from '#contracts';
import type { WorkerResources } from '../resources.ts';
import { createLeftSources } from './left-sources.ts';
import { openSource, shareOf } from './open-source.ts';
import { createScheduler, type SchedulerOptions } from './scheduler.ts';
import type { Source } from './source.ts';

/**
 * The worker's share of one provider: `slots` jobs at a time over all queues of that provider.
 *
 * pulled ──slot free, no permit needed──▶ running
 *   │ no slot: several queues answered at once        ──slot──▶ running; else given back for another worker after 2 s
 *   └ its deployment gives permits: held ──permit──▶ running; ──no permit──▶ held until it is worth asking again
 *
 * Which queue a free slot goes to is decided by weight among the queues that have jobs (`fair-order.ts`); how many jobs are asked for is
 * in `ask-for-jobs.ts`. Live jobs have slots that no other lane may take.
 */
export interface Pool {
  readonly provider: string;
  readonly running: number;
  /** Pulls from these queues from now on: new ones are opened, others are left. Rejects when one can't be opened. */
  setRoutes(routes: readonly JobRoute[]): Promise<void>;
  /** Nothing more is asked for or started here. Resolves when nothing more can come; what comes until then is given back. */
  stop(): Promise<void>;
  close(): void;
}

export interface PoolOptions extends SchedulerOptions {
  readonly routes: readonly JobRoute[];
}

const EMPTY_PAUSE_MS = 20;
/** With so few slots, the pulls that were opened while there was nothing to do may bring more jobs than there are. They end soon. */
const FEW_SLOTS = 64;
const SHORT_PULL_MS = 2_000;

export async function createPool(options: PoolOptions, resources: WorkerResources): Promise<Pool> {
  const pool = createScheduler(options, resources);
  const pullExpiresMs = options.slots <= FEW_SLOTS ? SHORT_PULL_MS : undefined;
  const handlers = { routes: options.routes, pullExpiresMs, onJob: pool.onJob, onEmpty: emptyFor(resources.now), onRoom: pool.plan };
  const left = createLeftSources();
  const setRoutes = async (routes: readonly JobRoute[]): Promise<void> => {
    const names = new Set(routes.map(jobConsumer));
    const known = new Set(pool.sources.map(({ route }) => jobConsumer(route)));
    for (const route of routes) {
      if (!known.has(jobConsumer(route))) pool.sources.push(await openSource(route, { ...handlers, routes }, resources));
    }
    for (const source of pool.sources) if (holdOn(resources.config, source.route) === 'pause') pool.giveBack(source);
    const gone = pool.sources.filter(({ route, held }) => !names.has(jobConsumer(route)) && held.length === 0);
    for (const source of gone) {
      pool.sources.splice(pool.sources.indexOf(source), 1);
      left.leave(source);
    }
    for (const source of pool.sources) source.share = shareOf(source.route, routes, resources.config);
    pool.changed();
  };
  await setRoutes(options.routes);
  resources.metrics.slots.set({ provider: options.provider }, options.slots);
  const stopListening = resources.permits.onFreed(pool.onFreed);
  const stopDropping = options.held.onDropped(pool.onDropped);
  return {
    provider: options.provider,
    get running() {
      return pool.running;
    },
    setRoutes,
    stop: () => pool.stop(),
    close() {
      stopDropping();
      stopListening();
      left.close();
      for (const { puller } of pool.sources) puller.close();
    },
  };
}

/** While slots are scarce it is not looked at again at once. */
function emptyFor(now: () => number): (source: Source) => void {
  return (source) => (source.emptyUntil = now() + EMPTY_PAUSE_MS);
}
