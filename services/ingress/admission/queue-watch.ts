import { lookAtQueue } from '#bus';
import type { GatewayConfig, ModelIndex } from '#config';
import { type Candidate, jobConsumer, type JobMeta, JOBS_STREAM, type Lane } from '#contracts';
import { routeOf } from '#routing';
import type { IngressMetrics } from '../metrics.ts';
import type { PendingJob } from '../job/pending-job.ts';
import type { IngressResources } from '../resources.ts';
import { nextDepth, type QueueDepth, waitOf } from './queue-depth.ts';

/**
 * The queues that jobs of this ingress wait in. Nothing is asked while nothing waits: one timer looks, and only at consumers that have
 * had a job of ours waiting for a while.
 */
export interface QueueWatch {
  /** Milliseconds that a job would wait for a candidate; 0 where nobody knows. */
  waitFor(meta: Pick<JobMeta, 'lane' | 'bulk'>, candidate: Candidate): number;
  /** No queue is known to be waited for: there is nothing to ask. */
  readonly isQuiet: boolean;
  /** Jobs that wait in a queue, over all deployments: of the queues that are looked at. */
  waitingIn(lane: Lane, bulk: number | undefined): number;
  /** A job of ours was queued there. */
  queued(meta: JobMeta): void;
  /** Begins to look; returns its end. */
  start(pending: { all(): Iterable<PendingJob> }): () => void;
}

interface Watched {
  readonly place: Pick<JobMeta, 'lane' | 'bulk'>;
  depth: QueueDepth | undefined;
  /** Jobs queued here since the last look. */
  own: number;
  usedAt: number;
}

const LOOK_EVERY_MS = 250;
/** A job that waits for less is none to look after. */
const WAITING_AFTER_MS = 200;
const FORGET_AFTER_MS = 5_000;

export interface QueueWatchOptions {
  readonly bus: IngressResources['bus'];
  readonly config: GatewayConfig;
  readonly models: ModelIndex;
  readonly metrics: IngressMetrics;
  readonly now: () => number;
}

export function createQueueWatch(options: QueueWatchOptions): QueueWatch {
  const { bus, config, models, metrics, now } = options;
  const watched = new Map<string, Watched>();
  let looking = false;

  const look = async (pending: { all(): Iterable<PendingJob> }): Promise<void> => {
    const at = now();
    for (const job of pending.all()) {
      const { worker, streamSeq, queuedAt, cursor } = job.current;
      const candidate = job.meta.plan[cursor];
      if (worker !== undefined || streamSeq === undefined || at - queuedAt < WAITING_AFTER_MS || !candidate) continue;
      use(jobConsumer(routeOf(job.meta, candidate, models)), job.meta, at);
    }
    for (const [consumer, entry] of watched) {
      if (at - entry.usedAt > FORGET_AFTER_MS) forget(consumer);
      else await lookAt(consumer, entry);
    }
  };
  const use = (consumer: string, { lane, bulk }: JobMeta, at: number): void => {
    const entry = watched.get(consumer);
    if (entry) entry.usedAt = at;
    else watched.set(consumer, { place: { lane, bulk }, depth: undefined, own: 0, usedAt: at });
  };
  const forget = (consumer: string): void => {
    watched.delete(consumer);
    metrics.queueJobs.remove({ queue: consumer });
  };
  const lookAt = async (consumer: string, entry: Watched): Promise<void> => {
    entry.own = 0;
    const state = await lookAtQueue(bus, JOBS_STREAM, consumer);
    if (state === undefined) return;
    entry.depth = nextDepth(entry.depth, { at: now(), ...state });
    metrics.queueJobs.set({ queue: consumer }, state.waiting);
  };

  return {
    get isQuiet() {
      return watched.size === 0;
    },
    waitFor(meta, candidate) {
      const entry = watched.get(jobConsumer(routeOf(meta, candidate, models)));
      if (!entry) return 0;
      const requests = models.deployment(candidate.modelGroup, candidate.deploymentId)?.rpm;
      return waitOf(entry.depth, entry.own, { requests, windowMs: config.queueing.limitWindowMs }, now());
    },
    waitingIn(lane, bulk) {
      let sum = 0;
      for (const { place, depth } of watched.values()) if (place.lane === lane && place.bulk === bulk) sum += depth?.last.waiting ?? 0;
      return sum;
    },
    queued(meta) {
      if (watched.size === 0) return;
      const candidate = meta.plan[meta.cursor];
      const entry = candidate && watched.get(jobConsumer(routeOf(meta, candidate, models)));
      if (entry) entry.own += 1;
    },
    start(pending) {
      const timer = setInterval(() => {
        if (looking) return;
        looking = true;
        void look(pending).finally(() => (looking = false));
      }, LOOK_EVERY_MS);
      return () => clearInterval(timer);
    },
  };
}
