import type { PendingJob } from './pending-job.ts';

const COMMENT = Buffer.from(': keep-alive\n\n');

/**
 * Comments for clients whose answers are buffered: nothing else is sent to them while their provider works, and proxies close
 * connections that are silent. `ticked` is called for every job, often.
 */
export function createKeepAlive({ everyMs }: { readonly everyMs: number }): { ticked(job: PendingJob, now: number): void } {
  const lastAt = new WeakMap<PendingJob, number>();
  return {
    ticked(job, now) {
      if (job.meta.onStreamFailure !== 'buffer' || !job.response.headSent || job.relayedFrames > 0 || job.over) return;
      const since = lastAt.get(job);
      if (since === undefined) lastAt.set(job, now);
      else if (now - since >= everyMs) {
        lastAt.set(job, now);
        job.response.write(COMMENT);
      }
    },
  };
}
