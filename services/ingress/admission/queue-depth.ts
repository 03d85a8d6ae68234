/**
 * How long a queue is and how fast it moves, from looks at its consumer a few times a second. Pure: the looks are handed in.
 */
export interface QueueLook {
  /** Unix ms. */
  readonly at: number;
  /** Jobs that nobody has been handed yet. */
  readonly waiting: number;
  /** All jobs that were handed out so far. */
  readonly delivered: number;
}

export interface QueueDepth {
  readonly last: QueueLook;
  /** Jobs handed out in a millisecond while others waited; undefined until it is known. */
  readonly rate: number | undefined;
}

/** Older looks say nothing about now. */
const FRESH_MS = 1_500;
/** A look weighs by the time it covers; about this much of the past counts. */
const MEMORY_MS = 4_000;

export function nextDepth(before: QueueDepth | undefined, look: QueueLook): QueueDepth {
  if (before === undefined || look.at - before.last.at > 2 * MEMORY_MS) return { last: look, rate: undefined };
  const elapsedMs = look.at - before.last.at;
  // a queue that runs empty goes as fast as jobs come, which says nothing of how fast it could
  if (elapsedMs <= 0 || look.waiting === 0 || before.last.waiting === 0) return { last: look, rate: before.rate };
  const rate = Math.max(0, look.delivered - before.last.delivered) / elapsedMs;
  const share = elapsedMs / (elapsedMs + MEMORY_MS);
  return { last: look, rate: before.rate === undefined ? rate : before.rate + share * (rate - before.rate) };
}

export interface WaitLimits {
  /** Requests in any window, where the deployment has such a limit. */
  readonly requests: number | undefined;
  readonly windowMs: number;
}

/**
 * Milliseconds that a job queued now would wait at least, as far as anybody can tell: 0 where nothing is known. `own`: jobs that were
 * queued here since the last look.
 */
export function waitOf(depth: QueueDepth | undefined, own: number, limits: WaitLimits, now: number): number {
  if (depth === undefined || now - depth.last.at > FRESH_MS || depth.last.waiting === 0) return 0;
  const ahead = depth.last.waiting + own;
  // job n + 1 of a window's n waits until the first has left it, whatever the rest of the world does
  const byLimit = limits.requests === undefined ? 0 : Math.floor(ahead / limits.requests) * limits.windowMs;
  if (limits.requests !== undefined || depth.rate === undefined || depth.rate <= 0) return byLimit;
  return ahead / depth.rate;
}
