import type { Source } from './source.ts';

/** Long after the last job of a queue has ended: until then its acks are needed. */
const CLOSE_AFTER_MS = 15 * 60_000;

/** Queues that nobody publishes to any more. Nothing more is pulled from them; what they still have under way ends as it would. */
export function createLeftSources() {
  const timers = new Map<Source, NodeJS.Timeout>();
  const closeOne = (source: Source): void => {
    clearTimeout(timers.get(source));
    timers.delete(source);
    source.puller.close();
  };
  return {
    leave(source: Source): void {
      void source.puller.stop();
      timers.set(
        source,
        setTimeout(() => closeOne(source), CLOSE_AFTER_MS),
      );
    },
    close(): void {
      for (const source of timers.keys()) closeOne(source);
    },
  };
}
