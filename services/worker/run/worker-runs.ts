import { LRUCache } from 'lru-cache';
import { type Bus, openRunStore, type RunStore, type StoredCancel } from '#bus';
import { DEFAULT_JOBS, type JobsSettings } from '#config';
import type { JobMeta } from '#contracts';

/** The store of answers, and what of their jobs is cancelled: news of it come by the stream, so a job may wait for its worker meanwhile. */
export interface WorkerRuns {
  readonly store: RunStore;
  isCancelled(meta: JobMeta): boolean;
  /** Called for each cancel that comes. Returns its end. */
  onCancel(listener: (isMeant: (meta: JobMeta) => boolean) => void): () => void;
  close(): void;
}

/** An entry is about 200 bytes. */
const REMEMBERED = 200_000;

/** Resolves when all cancels are known that there are. */
export async function openWorkerRuns(bus: Bus, { ttlMs, maxBytes }: JobsSettings = DEFAULT_JOBS): Promise<WorkerRuns> {
  const store = await openRunStore(bus, { ttlMs, maxBytes });
  const cancelled = new LRUCache<string, number>({ max: REMEMBERED });
  const listeners = new Set<(isMeant: (meta: JobMeta) => boolean) => void>();
  const isCancelled = (meta: JobMeta): boolean => {
    if (meta.run === undefined || cancelled.size === 0) return false;
    const ofGroup = cancelled.get(groupName(meta.by.keyHash, meta.run.group));
    return cancelled.has(jobName(meta)) || (ofGroup !== undefined && meta.acceptedAt <= ofGroup);
  };
  const follower = await store.followCancels((cancel) => {
    cancelled.set(nameOf(cancel), cancel.at);
    for (const listener of listeners) listener(isCancelled);
  });
  return {
    store,
    isCancelled,
    onCancel(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close: () => follower.close(),
  };
}

function nameOf({ owner, group, job }: StoredCancel): string {
  return job === undefined ? groupName(owner, group) : `${groupName(owner, group)}.${job}`;
}

function jobName({ by, run, id }: JobMeta): string {
  return `${groupName(by.keyHash, run?.group ?? '')}.${id}`;
}

function groupName(owner: string, group: string): string {
  return `${owner}.${group}`;
}
