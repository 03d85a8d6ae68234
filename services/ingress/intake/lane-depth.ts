import { lookAtQueue } from '#bus';
import { jobConsumer, type JobMeta, JOBS_STREAM, type Lane } from '#contracts';
import { routeOf } from '#routing';
import type { IngressResources } from '../resources.ts';
import { mostKept, nextPace, type QueuePace } from './queue-pace.ts';

/**
 * How much of the work that the intake hands on still waits for workers. It keeps a few seconds of it there and no more: what is reserved for a job
 * is held from then on, and what waits as a submission can still be withdrawn.
 */
export interface LaneDepth {
  /** Every queue of the lane that was used lately has enough. */
  isFull(lane: Lane): boolean;
  /** The queue of this job has far more than enough, while others of its lane may not. */
  isOverfull(meta: JobMeta): boolean;
  queued(meta: JobMeta): void;
  /** Several times a second. */
  look(): Promise<void>;
}

interface Watched {
  readonly lane: Lane;
  pace: QueuePace | undefined;
  /** Queued here since the last look. */
  own: number;
  usedAt: number;
}

const OVERFULL_TIMES = 4;
const OVERFULL_LEAST = 1_000;
const FORGET_AFTER_MS = 10_000;

export function createLaneDepth({ link, models, now }: Pick<IngressResources, 'link' | 'models' | 'now'>): LaneDepth {
  const watched = new Map<string, Watched>();
  const nameOf = (meta: JobMeta): string | undefined => {
    const candidate = meta.plan[meta.cursor];
    return candidate && jobConsumer(routeOf(meta, candidate, models));
  };
  const waitingIn = ({ pace, own }: Watched): number => (pace?.depth.last.waiting ?? 0) + own;
  return {
    isFull(lane) {
      let known = 0;
      for (const queue of watched.values()) {
        if (queue.lane !== lane) continue;
        if (waitingIn(queue) < mostKept(queue.pace)) return false;
        known += 1;
      }
      return known > 0;
    },
    isOverfull(meta) {
      const queue = watched.get(nameOf(meta) ?? '');
      return queue !== undefined && waitingIn(queue) > Math.max(OVERFULL_LEAST, mostKept(queue.pace) * OVERFULL_TIMES);
    },
    queued(meta) {
      const name = nameOf(meta);
      if (name === undefined) return;
      const queue = watched.get(name) ?? { lane: meta.lane, pace: undefined, own: 0, usedAt: 0 };
      queue.own += 1;
      queue.usedAt = now();
      watched.set(name, queue);
    },
    async look() {
      for (const [name, queue] of watched) {
        const { own } = queue;
        const state = await lookAtQueue(link, JOBS_STREAM, name);
        if (state === undefined) continue;
        queue.own -= own;
        queue.pace = nextPace(queue.pace, { at: now(), ...state });
        if (now() - queue.usedAt > FORGET_AFTER_MS && state.waiting === 0) watched.delete(name);
      }
    },
  };
}
