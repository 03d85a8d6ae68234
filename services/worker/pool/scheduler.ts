import type { PulledJob } from '#bus';
import { handBack } from '../job/hand-back.ts';
import type { WorkerResources } from '../resources.ts';
import { askForJobs } from './ask-for-jobs.ts';
import { createQueueOrder } from './fair-order.ts';
import type { HeldJob, HeldJobs } from './held-jobs.ts';
import { createPlanTimers } from './plan-timers.ts';
import { createSlots } from './slots.ts';
import type { Source } from './source.ts';
import { createJobStarter } from './start-jobs.ts';
import { createTakeIn, mayGiveBack } from './take-in.ts';
import { createWaitingRoom } from './waiting-room.ts';

/** Which of a provider's jobs run now. */
export interface Scheduler {
  /** The queues it pulls from; the pool adds them. */
  readonly sources: Source[];
  readonly running: number;
  plan(this: void): void;
  /** Queues have come or gone. */
  changed(): void;
  onJob(source: Source, pulled: PulledJob): void;
  /** A deployment has permits again. */
  onFreed(deploymentId: string): void;
  /** A job that waits here is no longer to be run. */
  onDropped(job: HeldJob): void;
  /** Jobs of a queue that wait here go back to it; those that have been given back too often stay. */
  giveBack(source: Source): void;
  /** Resolves when the queues send no more. */
  stop(): Promise<void>;
}

export interface SchedulerOptions {
  readonly provider: string;
  readonly slots: number;
  readonly held: HeldJobs;
  /** Resolves when the job no longer needs its slot. */
  readonly execute: (pulled: PulledJob) => Promise<void>;
}

export function createScheduler(options: SchedulerOptions, resources: WorkerResources): Scheduler {
  const { provider, execute } = options;
  const { metrics, config, now } = resources;
  const sources: Source[] = [];
  const order = createQueueOrder<Source>(config.queueing.laneWeights);
  const slots = createSlots(options.slots, config.queueing.liveReserve, (running) => metrics.running.set({ provider }, running));
  const room = createWaitingRoom(options.held, ({ route: { lane } }, more) => metrics.held.inc({ provider, lane }, more));
  const timers = createPlanTimers(() => {
    startHeld();
    if (askForJobs({ sources, slots, next: order.next, now: now() })) timers.lookAgain();
  });
  const { plan } = timers;
  let hasGates = false;
  let isStopped = false;
  const stopped = (): boolean => isStopped;
  const starter = createJobStarter({ provider, slots, room, order, execute, onChange: plan, stopped }, resources);
  const startHeld = (): void => {
    starter.startHeld(sources);
    const at = now();
    timers.wakeIn(room.size === 0 ? Infinity : room.readyAt(sources, at) - at);
  };
  const takeIn = createTakeIn({ slots, room, starter, hasGates: () => hasGates, startHeld, plan, stopped }, resources);

  return {
    sources,
    plan,
    changed() {
      hasGates = sources.some(({ isGated }) => isGated);
      plan();
    },
    get running() {
      return slots.running;
    },
    onJob: (source, pulled) => (isStopped ? void execute(pulled) : takeIn(source, pulled)),
    onFreed(deploymentId) {
      for (const source of sources) askAgain(source, deploymentId);
      plan();
    },
    onDropped(job) {
      const source = sources.find(({ held }) => held.includes(job));
      if (source && room.remove(source, job)) job.pulled.settle();
      plan();
    },
    giveBack(source) {
      for (const job of [...source.held]) {
        if (mayGiveBack(job) && room.remove(source, job)) void handBack(job.pulled, resources);
      }
    },
    async stop() {
      isStopped = true;
      timers.stop();
      const quiet = sources.map(({ puller }) => puller.stop());
      for (const source of sources) {
        for (const job of [...source.held]) if (!job.asking && room.remove(source, job)) void execute(job.pulled);
      }
      await Promise.all(quiet);
    },
  };
}

function askAgain({ held: [first] }: Source, deploymentId: string): void {
  if (first?.deployment?.id === deploymentId) first.retryAt = 0;
}
