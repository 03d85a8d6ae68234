import type { PulledJob } from '#bus';
import type { JobRoute } from '#contracts';
import { handBack } from '../job/hand-back.ts';
import type { WorkerResources } from '../resources.ts';
import { askForJobs, DRY_AFTER_MS } from './ask-for-jobs.ts';
import { createQueueOrder } from './fair-order.ts';
import type { HeldJob, HeldJobs } from './held-jobs.ts';
import { lookIntoJob } from './look-into-job.ts';
import { openSource } from './open-source.ts';
import { createSlots } from './slots.ts';
import type { Source } from './source.ts';
import { createJobStarter } from './start-jobs.ts';
import { createWaitingRoom } from './waiting-room.ts';

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
  stop(): void;
  close(): void;
}

export interface PoolOptions {
  readonly provider: string;
  readonly routes: readonly JobRoute[];
  readonly slots: number;
  readonly held: HeldJobs;
  /** Resolves when the job no longer needs its slot. */
  readonly execute: (pulled: PulledJob) => Promise<void>;
}

const EMPTY_PAUSE_MS = 20;
/** A job that found no slot here for so long goes back for a worker that has one. */
const GIVE_BACK_AFTER_MS = 2_000;
/** The last deliveries are left to the job itself: five are the end of it. */
const MOST_DELIVERIES_TO_GIVE_BACK = 2;
/** With so few slots, the pulls that were opened while there was nothing to do may bring more jobs than there are. They end soon. */
const FEW_SLOTS = 64;
const SHORT_PULL_MS = 2_000;
/** Timers take no more than 24 days. */
const LONGEST_SLEEP_MS = 60_000;

export async function createPool(options: PoolOptions, resources: WorkerResources): Promise<Pool> {
  const pool = createScheduler(options, resources);
  const pullExpiresMs = options.slots <= FEW_SLOTS ? SHORT_PULL_MS : undefined;
  const handlers = { routes: options.routes, pullExpiresMs, onJob: pool.onJob, onEmpty: emptyFor(resources.now), onRoom: pool.plan };
  for (const route of options.routes) pool.sources.push(await openSource(route, handlers, resources));
  resources.metrics.slots.set({ provider: options.provider }, options.slots);
  const stopListening = resources.permits.onFreed(pool.onFreed);
  const stopDropping = options.held.onDropped(pool.onDropped);
  pool.plan();
  return {
    provider: options.provider,
    get running() {
      return pool.running;
    },
    stop: pool.stop,
    close() {
      stopDropping();
      stopListening();
      for (const { puller } of pool.sources) puller.close();
    },
  };
}

/** While slots are scarce it is not looked at again at once. */
function emptyFor(now: () => number): (source: Source) => void {
  return (source) => (source.emptyUntil = now() + EMPTY_PAUSE_MS);
}

function createScheduler(options: PoolOptions, resources: WorkerResources) {
  const { provider } = options;
  const { metrics, config, now } = resources;
  const isGated = config.deployments.some((deployment) => deployment.provider === provider && deployment.queue !== undefined);
  const sources: Source[] = [];
  const order = createQueueOrder<Source>(config.queueing.laneWeights);
  const slots = createSlots(options.slots, config.queueing.liveReserve, (running) => metrics.running.set({ provider }, running));
  const room = createWaitingRoom(options.held, ({ route: { lane } }, more) => metrics.held.inc({ provider, lane }, more));
  const starter = createJobStarter(
    { provider, slots, room, order, execute: options.execute, onChange: () => plan(), stopped: () => stopped },
    resources,
  );
  let stopped = false;
  let planned = false;
  let wake: NodeJS.Timeout | undefined;
  let dryLook: NodeJS.Timeout | undefined;

  /** Once at the end of this turn of the event loop, however much has happened in it. */
  const plan = (): void => {
    if (planned || stopped) return;
    planned = true;
    setImmediate(() => {
      planned = false;
      if (stopped) return;
      startHeld();
      if (askForJobs({ sources, slots, next: order.next, now: now() })) lookAgain();
    });
  };
  /** One timer at a time, whatever is pulled meanwhile. */
  const lookAgain = (): void => {
    dryLook ??= setTimeout(() => {
      dryLook = undefined;
      plan();
    }, DRY_AFTER_MS + 1).unref();
  };

  const startHeld = (): void => {
    starter.startHeld(sources);
    sleep();
  };
  const sleep = (): void => {
    clearTimeout(wake);
    const at = now();
    const readyAt = room.size === 0 ? Infinity : room.readyAt(sources, at);
    wake = readyAt === Infinity ? undefined : setTimeout(plan, Math.min(readyAt - at, LONGEST_SLEEP_MS) + 1);
  };

  const giveBackLater = (source: Source, job: HeldJob): void => {
    setTimeout(() => {
      if (stopped || !source.held.includes(job) || job.pulled.delivery > MOST_DELIVERIES_TO_GIVE_BACK) return;
      if (slots.roomFor(source) > 0 || job.asking || !room.remove(source, job)) return giveBackLater(source, job);
      void handBack(job.pulled, resources);
    }, GIVE_BACK_AFTER_MS);
  };

  return {
    sources,
    plan,
    get running() {
      return slots.running;
    },
    onJob(source: Source, pulled: PulledJob): void {
      if (stopped) return void options.execute(pulled);
      source.lastJobAt = now();
      if (source.puller.wanted === 0) {
        source.window = Math.min(slots.total, 2 * source.window);
        plan();
      }
      if (!isGated && room.size === 0 && slots.roomFor(source) > 0) return starter.start(source, pulled);
      const job = { pulled, ...lookIntoJob(pulled, resources), retryAt: 0, asking: false };
      room.add(source, job);
      giveBackLater(source, job);
      startHeld();
    },
    onFreed(deploymentId: string): void {
      for (const {
        held: [first],
      } of sources)
        if (first?.deployment?.id === deploymentId) first.retryAt = 0;
      plan();
    },
    onDropped(job: HeldJob): void {
      const source = sources.find(({ held }) => held.includes(job));
      if (source && room.remove(source, job)) job.pulled.settle();
      plan();
    },
    stop(): void {
      stopped = true;
      clearTimeout(wake);
      for (const { puller } of sources) puller.stop();
      for (const source of sources) {
        for (const job of [...source.held]) if (!job.asking && room.remove(source, job)) void options.execute(job.pulled);
      }
    },
  };
}
