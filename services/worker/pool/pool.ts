import { createJobPuller, ensureJobConsumer, type JobPuller, type PulledJob } from '#bus';
import { type JobRoute, LANES, type Lane } from '#contracts';
import type { WorkerResources } from '../resources.ts';

/**
 * The worker's share of one provider: `slots` jobs at a time over all lanes and tiers of that provider.
 *
 * A lane asks for its share of the free slots, never for more than are free, so the server hands a worker what it can
 * execute now and leaves the rest to others. Live may take nearly all slots when the other lanes are idle, and the other
 * lanes always keep asking for some, so nobody starves. Running jobs and open requests together never exceed the slots.
 */
const LANE_SHARES: Readonly<Record<Lane, number>> = { live: 0.8, background: 0.1, batch: 0.1 };

/** Asking in portions: one pull request for many freed slots costs a fraction of one each. */
const PORTION = 8;
const REPAIR_PAUSE_MS = 5_000;

export interface Pool {
  readonly provider: string;
  readonly running: number;
  stop(): void;
  close(): void;
}

export interface PoolOptions {
  readonly provider: string;
  readonly tiers: readonly string[];
  readonly slots: number;
  /** Resolves when the job no longer needs its slot. */
  readonly execute: (pulled: PulledJob) => Promise<void>;
}

interface Source {
  readonly share: number;
  readonly puller: JobPuller;
}

export async function createPool(options: PoolOptions, resources: WorkerResources): Promise<Pool> {
  const { provider } = options;
  const sources: Source[] = [];
  let running = 0;
  let stopped = false;
  let topUpPlanned = false;

  const topUp = (): void => {
    topUpPlanned = false;
    if (stopped) return;
    const free = options.slots - running;
    let unasked = free - sources.reduce((sum, { puller }) => sum + puller.wanted, 0);
    for (const { share, puller } of sources) {
      const target = Math.max(1, Math.floor(free * share));
      const missing = Math.min(target - puller.wanted, unasked);
      if (missing < Math.max(1, Math.floor(target / PORTION))) continue;
      puller.ask(missing);
      unasked -= missing;
    }
  };
  const planTopUp = (): void => {
    if (topUpPlanned || stopped) return;
    topUpPlanned = true;
    setImmediate(topUp);
  };
  const onJob = (pulled: PulledJob): void => {
    if (stopped) return void options.execute(pulled);
    running += 1;
    resources.metrics.running.set({ provider }, running);
    void options.execute(pulled).finally(() => {
      running -= 1;
      resources.metrics.running.set({ provider }, running);
      planTopUp();
    });
  };
  for (const route of routesOf(provider, options.tiers)) {
    const consumer = await ensureJobConsumer(resources.bus, route);
    const onRefused = createRefusalHandler(route, resources);
    const puller = createJobPuller({ bus: resources.bus, consumer, onJob, onRoom: planTopUp, onRefused });
    sources.push({ share: LANE_SHARES[route.lane] / options.tiers.length, puller });
  }
  topUp();

  return {
    provider,
    get running() {
      return running;
    },
    stop() {
      stopped = true;
      for (const { puller } of sources) puller.stop();
    },
    close() {
      for (const { puller } of sources) puller.close();
    },
  };
}

/** A consumer may have been deleted: nobody but its workers makes it again. Looked after every few seconds at most. */
function createRefusalHandler(route: JobRoute, resources: WorkerResources): (reason: string) => void {
  let lookedAt = 0;
  return (reason) => {
    resources.metrics.refusedPulls.inc({ reason });
    if (resources.now() - lookedAt < REPAIR_PAUSE_MS) return;
    lookedAt = resources.now();
    resources.log.warn({ ...route, reason }, 'a pull was refused');
    ensureJobConsumer(resources.bus, route).catch((error: unknown) => {
      resources.log.warn({ ...route, err: error }, 'the consumer could not be looked after');
    });
  };
}

function routesOf(provider: string, tiers: readonly string[]): JobRoute[] {
  return LANES.flatMap((lane) => tiers.map((tier) => ({ lane, tier, provider })));
}
