import type { HeldJob, HeldJobs } from './held-jobs.ts';
import type { Source } from './source.ts';

/**
 * The jobs of one pool that were pulled and not started, by queue and in order of arrival. Only the first of a queue may be started: its
 * jobs keep their order.
 */
export interface WaitingRoom {
  readonly size: number;
  add(source: Source, job: HeldJob): void;
  /** False when it is not here any more. */
  remove(source: Source, job: HeldJob): boolean;
  /** Queues whose first job may be started, or asked a permit for, now. */
  ready(sources: readonly Source[], now: number): Source[];
  /** When the next first job of a queue becomes ready (Unix ms); Infinity when none waits for a time. */
  readyAt(sources: readonly Source[], now: number): number;
}

export function createWaitingRoom(held: HeldJobs, onChange: (source: Source, more: 1 | -1) => void): WaitingRoom {
  let size = 0;
  return {
    get size() {
      return size;
    },
    add(source, job) {
      source.held.push(job);
      size += 1;
      held.add(job);
      onChange(source, 1);
    },
    remove(source, job) {
      const at = source.held.indexOf(job);
      if (at < 0) return false;
      source.held.splice(at, 1);
      size -= 1;
      held.remove(job);
      onChange(source, -1);
      return true;
    },
    ready: (sources, now) => sources.filter(({ held: [first] }) => first !== undefined && !first.asking && readyTime(first) <= now),
    readyAt(sources, now) {
      let earliest = Infinity;
      for (const {
        held: [first],
      } of sources) {
        if (first === undefined || first.asking) continue;
        const at = readyTime(first);
        if (at > now && at < earliest) earliest = at;
      }
      return earliest;
    },
  };
}

/** A job whose deadline has passed waits no longer: it is run, and ends with what there is to say. */
function readyTime({ retryAt, meta }: HeldJob): number {
  return Math.min(retryAt, meta?.deadlineAt ?? Infinity);
}
