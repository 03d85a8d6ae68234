import { LRUCache } from 'lru-cache';
import { BULK_QUEUES, type JobMeta, type Lane } from '#contracts';

/**
 * Which queue of its lane a job waits in: the common one, or one of a few bulk queues beside it. Workers serve the queues of a lane in
 * turn, so a key that fills one delays nobody in the others.
 *
 * A key none of whose jobs waits takes the queue with the fewest jobs, and stays with it until none of its jobs waits any more: so its
 * jobs are started in the order they came. A key that was seen to fill its queue begins with a bulk queue for a while, which
 * leaves the common one to the others.
 */
export interface FairShare {
  /** The bulk queue for the next job of a key; undefined for the common queue. */
  bulkFor(lane: Lane, keyHash: string): number | undefined;
  /** A job begins to wait; it has started, or is over without. */
  waits(meta: JobMeta): void;
  waitsNoMore(jobId: string): void;
}

export interface FairShareOptions {
  /** A key with so many jobs waiting fills its queue. */
  readonly bulkAfter: number;
  /** Jobs known to wait in a queue, of other ingresses too. */
  readonly waitingIn: (lane: Lane, bulk: number | undefined) => number;
}

interface WaitingKey {
  readonly name: string;
  readonly lane: Lane;
  readonly bulk: number | undefined;
  count: number;
}

const REMEMBERED_KEYS = 10_000;
const REMEMBER_MS = 600_000;

export function createFairShare({ bulkAfter, waitingIn }: FairShareOptions): FairShare {
  const keys = new Map<string, WaitingKey>();
  const jobs = new Map<string, WaitingKey>();
  /** Jobs of this ingress that wait, by queue. */
  const lengths = new Map<string, number>();
  const noisy = new LRUCache<string, true>({ max: REMEMBERED_KEYS, ttl: REMEMBER_MS });

  const shortest = (lane: Lane, name: string): number | undefined => {
    if (keys.size === 0 && !noisy.has(name)) return undefined;
    const queues: readonly (number | undefined)[] = [...(noisy.has(name) ? [] : [undefined]), ...Array(BULK_QUEUES[lane]).keys()];
    let best: { readonly bulk: number | undefined; readonly length: number } | undefined;
    for (const bulk of queues) {
      const length = Math.max(ownIn(lane, bulk), waitingIn(lane, bulk));
      if (best === undefined || length < best.length) best = { bulk, length };
    }
    return best?.bulk;
  };
  const ownIn = (lane: Lane, bulk: number | undefined): number => lengths.get(queueName(lane, bulk)) ?? 0;
  const count = (key: WaitingKey, more: 1 | -1): void => {
    key.count += more;
    lengths.set(queueName(key.lane, key.bulk), ownIn(key.lane, key.bulk) + more);
  };

  return {
    bulkFor(lane, keyHash) {
      const name = `${lane} ${keyHash}`;
      const waiting = keys.get(name);
      return waiting === undefined ? shortest(lane, name) : waiting.bulk;
    },
    waits({ id, lane, bulk, by }) {
      const name = `${lane} ${by.keyHash}`;
      const key = keys.get(name) ?? { name, lane, bulk, count: 0 };
      count(key, 1);
      keys.set(name, key);
      jobs.set(id, key);
      if (key.count >= bulkAfter) noisy.set(name, true);
    },
    waitsNoMore(jobId) {
      const key = jobs.get(jobId);
      if (!key) return;
      jobs.delete(jobId);
      count(key, -1);
      if (key.count === 0) keys.delete(key.name);
    },
  };
}

function queueName(lane: Lane, bulk: number | undefined): string {
  return `${lane} ${bulk ?? ''}`;
}
