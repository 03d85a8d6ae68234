import { nextDepth, type QueueDepth, type QueueLook } from '../admission/queue-depth.ts';

/** What two looks at a queue say of how much work may wait in it. */
export interface QueuePace {
  readonly depth: QueueDepth;
  /** Jobs handed out in a millisecond since the look before, whether others waited or not: it can do that much at least. */
  readonly served: number;
}

const KEPT_SECONDS = 3;
/** Where nobody knows how fast a queue moves. */
const LEAST_KEPT = 200;

export function nextPace(before: QueuePace | undefined, look: QueueLook): QueuePace {
  const depth = nextDepth(before?.depth, look);
  const last = before?.depth.last;
  const elapsedMs = last === undefined ? 0 : look.at - last.at;
  return { depth, served: last === undefined || elapsedMs <= 0 ? 0 : Math.max(0, look.delivered - last.delivered) / elapsedMs };
}

/**
 * Jobs that may wait in a queue: those of three seconds. Of a queue that runs empty between two looks only what it was given is known, so
 * it is given more each time. (Without that 200 jobs went to it from look to look, and half of the machine was idle at 1,100 jobs a second.)
 */
export function mostKept(pace: QueuePace | undefined): number {
  return Math.max(LEAST_KEPT, Math.max(pace?.depth.rate ?? 0, pace?.served ?? 0) * KEPT_SECONDS * 1_000);
}
