import { type Bus, type JobQueueState, listJobQueues } from '#bus';

/** The queues of jobs, looked at when somebody asks, and not more often than they change for anybody. */
export interface QueueStates {
  /** Rejects while NATS is away. */
  read(): Promise<readonly JobQueueState[]>;
}

const FRESH_MS = 1_000;

export function createQueueStates({ bus, now }: { readonly bus: Bus; readonly now: () => number }): QueueStates {
  let readAt = -Infinity;
  let known: Promise<readonly JobQueueState[]> = Promise.resolve([]);
  return {
    read() {
      if (now() - readAt >= FRESH_MS) {
        readAt = now();
        known = listJobQueues(bus);
        known.catch(() => (readAt = -Infinity));
      }
      return known;
    },
  };
}
