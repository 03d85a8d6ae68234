import type { PulledJob } from '#bus';
import type { WorkerResources } from '../resources.ts';
import { askPermit, type JobWithPermit, needsPermit } from './ask-permit.ts';
import type { FairOrder } from './fair-order.ts';
import type { Slots } from './slots.ts';
import type { Source } from './source.ts';
import type { WaitingRoom } from './waiting-room.ts';

export interface JobStarter {
  /** Runs a job that needs no permit. There must be a slot. */
  start(source: Source, pulled: PulledJob): void;
  /** Starts what waits, as far as there are slots and permits, in the order of whose turn it is. */
  startHeld(sources: readonly Source[]): void;
}

export interface StarterOptions {
  readonly provider: string;
  readonly slots: Slots;
  readonly room: WaitingRoom;
  readonly order: FairOrder<Source>;
  readonly execute: (pulled: PulledJob) => Promise<void>;
  /** A slot came free, or a permit was granted or refused. */
  readonly onChange: () => void;
  readonly stopped: () => boolean;
}

export function createJobStarter(options: StarterOptions, resources: WorkerResources): JobStarter {
  const { provider, slots, room, order } = options;
  const { metrics, permits, now } = resources;

  const start = (source: Source, pulled: PulledJob): void => {
    slots.occupy(source);
    run(source, pulled);
  };
  const run = (source: Source, pulled: PulledJob, permitKey?: string): void => {
    order.started(source);
    const { lane, tier } = source.route;
    metrics.laneJobs.inc({ provider, lane });
    metrics.laneRunning.inc({ provider, lane, tier });
    void options.execute(pulled).finally(() => {
      metrics.laneRunning.dec({ provider, lane, tier });
      if (permitKey !== undefined) permits.close(permitKey);
      slots.vacate(source);
      options.onChange();
    });
  };

  /** The slot is taken while the permit is asked for: a permit that had to wait for a slot would be used later than it counts. */
  const startWithPermit = async (source: Source, job: JobWithPermit): Promise<void> => {
    slots.occupy(source);
    const key = await askPermit(source, job, resources);
    options.onChange();
    if (key !== undefined && room.remove(source, job)) return run(source, job.pulled, key);
    // cancelled while it was asked for
    if (key !== undefined) permits.close(key);
    slots.vacate(source);
    if (options.stopped() && room.remove(source, job)) void options.execute(job.pulled);
  };

  return {
    start,
    startHeld(sources) {
      while (room.size > 0) {
        const at = now();
        const source = order.next(room.ready(sources, at).filter((one) => slots.roomFor(one) > 0));
        const [first] = source?.held ?? [];
        if (!source || !first) return;
        if (needsPermit(first) && first.meta.deadlineAt > at) void startWithPermit(source, first);
        else if (room.remove(source, first)) start(source, first.pulled);
      }
    },
  };
}
