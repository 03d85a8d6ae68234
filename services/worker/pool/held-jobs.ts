import type { PulledJob } from '#bus';
import { attemptId, type JobMeta } from '#contracts';
import type { Deployment } from '#config';
import { hedgeKey, registryKey } from '../job/job-registry.ts';

/** A job that was handed to this worker and waits here: for a permit of its deployment, or (for moments) for a slot. */
export interface HeldJob {
  readonly pulled: PulledJob;
  /** Undefined when nobody can read it. */
  readonly meta: JobMeta | undefined;
  /** The deployment whose permit it needs; undefined for jobs that need none. */
  readonly deployment: Deployment | undefined;
  /** When it is worth asking for its permit again (Unix ms). */
  retryAt: number;
  /** Its permit is being asked for. */
  asking: boolean;
}

/**
 * The jobs that wait, for those who ask about them: ingresses are told that they are here and not lost, a cancel takes them
 * out, the server is told that they are looked after.
 */
export interface HeldJobs {
  add(job: HeldJob): void;
  remove(job: HeldJob): void;
  all(): Iterable<HeldJob>;
  /** A later attempt has taken its place, or nobody waits for it. Later attempts than `attempt` stay. */
  drop(id: string, attempt: number): void;
  /** The client has left, or another attempt has answered: with `attempt` only that one is meant. */
  cancel(id: string, attempt: number | undefined): void;
  /** Called for a job that was added and is still here a moment later. */
  onStaying(listener: (jobs: readonly HeldJob[]) => void): void;
  /** A dropped job is no longer to be kept. */
  onDropped(listener: (job: HeldJob) => void): () => void;
  readonly size: number;
  close(): void;
}

/** Most permits come at once, and then there is nothing to tell. */
const TELL_AFTER_MS = 50;
/** The server's ack wait is 30 s. */
const WORKING_EVERY_MS = 10_000;

export function createHeldJobs(): HeldJobs {
  const jobs = new Map<string, HeldJob>();
  const dropped = new Set<(job: HeldJob) => void>();
  let tell: (held: readonly HeldJob[]) => void = () => undefined;
  let news: HeldJob[] = [];
  const working = setInterval(() => {
    for (const { pulled } of jobs.values()) pulled.working();
  }, WORKING_EVERY_MS);
  const tellNews = (): void => {
    const staying = news.filter((job) => jobs.get(idOf(job)) === job);
    news = [];
    if (staying.length > 0) tell(staying);
  };
  const remove = (key: string): void => {
    const job = jobs.get(key);
    if (!job) return;
    jobs.delete(key);
    for (const listener of dropped) listener(job);
  };
  return {
    add(job) {
      jobs.set(idOf(job), job);
      news.push(job);
      if (news.length === 1) setTimeout(tellNews, TELL_AFTER_MS).unref();
    },
    remove(job) {
      if (jobs.get(idOf(job)) === job) jobs.delete(idOf(job));
    },
    all: () => jobs.values(),
    drop(id, attempt) {
      const key = registryKey(id, attempt);
      if ((jobs.get(key)?.meta?.attempt ?? 0) <= attempt) remove(key);
    },
    cancel(id, attempt) {
      if (attempt === undefined) for (const key of [id, hedgeKey(id)]) remove(key);
      else if (jobs.get(registryKey(id, attempt))?.meta?.attempt === attempt) remove(registryKey(id, attempt));
    },
    onStaying(listener) {
      tell = listener;
    },
    onDropped(listener) {
      dropped.add(listener);
      return () => dropped.delete(listener);
    },
    get size() {
      return jobs.size;
    },
    close: () => clearInterval(working),
  };
}

function idOf({ meta, pulled }: HeldJob): string {
  return meta === undefined ? `#${pulled.streamSeq}` : registryKey(meta.id, meta.attempt);
}

/** Its name, as heartbeats have it. */
export function heldToken({ meta, pulled }: HeldJob): string {
  return meta === undefined ? '' : attemptId(meta.id, meta.attempt, pulled.delivery);
}
