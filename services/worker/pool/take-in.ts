import type { PulledJob } from '#bus';
import { handBack } from '../job/hand-back.ts';
import type { WorkerResources } from '../resources.ts';
import type { HeldJob } from './held-jobs.ts';
import { lookIntoJob } from './look-into-job.ts';
import type { Slots } from './slots.ts';
import type { Source } from './source.ts';
import type { JobStarter } from './start-jobs.ts';
import type { WaitingRoom } from './waiting-room.ts';

export interface TakeInOptions {
  readonly slots: Slots;
  readonly room: WaitingRoom;
  readonly starter: Pick<JobStarter, 'start'>;
  /** Some of its deployments give permits: every job waits for its turn. */
  readonly hasGates: () => boolean;
  readonly startHeld: () => void;
  readonly plan: () => void;
  readonly stopped: () => boolean;
}

/** A job that found no slot here for so long goes back for a worker that has one. */
const GIVE_BACK_AFTER_MS = 2_000;
/** The last deliveries are left to the job itself: five are the end of it. */
const MOST_DELIVERIES_TO_GIVE_BACK = 2;

/** What happens to a job that has been pulled: it starts, or it waits here, for a permit or for a slot. */
export function createTakeIn(options: TakeInOptions, resources: WorkerResources): (source: Source, pulled: PulledJob) => void {
  const { slots, room, starter, hasGates } = options;

  const giveBackLater = (source: Source, job: HeldJob): void => {
    setTimeout(() => {
      if (options.stopped() || !source.held.includes(job) || isWornOut(job)) return;
      if (slots.roomFor(source) > 0 || !mayGiveBack(job) || !room.remove(source, job)) return giveBackLater(source, job);
      void handBack(job.pulled, resources);
    }, GIVE_BACK_AFTER_MS);
  };

  return (source, pulled) => {
    source.lastJobAt = resources.now();
    if (source.puller.wanted === 0) {
      source.window = Math.min(slots.total, 2 * source.window);
      options.plan();
    }
    if (!hasGates() && room.size === 0 && slots.roomFor(source) > 0) return starter.start(source, pulled);
    const job = { pulled, ...lookIntoJob(pulled, resources), retryAt: 0, asking: false };
    room.add(source, job);
    giveBackLater(source, job);
    options.startHeld();
  };
}

export function mayGiveBack(job: HeldJob): boolean {
  return !job.asking && !isWornOut(job);
}

function isWornOut({ pulled }: HeldJob): boolean {
  return pulled.delivery > MOST_DELIVERIES_TO_GIVE_BACK;
}
