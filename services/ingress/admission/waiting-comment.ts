import { CHAT_DIALECTS } from '#contracts';
import type { PendingJob } from '../job/pending-job.ts';

const COMMENT = Buffer.from(': waiting\n\n');
const HEAD = { status: 200, headers: { 'content-type': 'text/event-stream; charset=utf-8' } } as const;

/**
 * Comments for streams whose job waits in the queue: proxies and clients close connections that are silent. The head is sent with the
 * first one, so what goes wrong after it is an error event. `ticked` is called for every job, often.
 */
export function createWaitingComment({ everyMs }: { readonly everyMs: number | undefined }): {
  ticked(job: PendingJob, now: number): void;
} {
  const lastAt = new WeakMap<PendingJob, number>();
  return {
    ticked(job, now) {
      if (everyMs === undefined || job.current.worker !== undefined || job.over || job.relayedFrames > 0 || !isEventStream(job)) return;
      if (now - (lastAt.get(job) ?? job.meta.acceptedAt) < everyMs) return;
      lastAt.set(job, now);
      job.response.head(HEAD);
      job.response.write(COMMENT);
    },
  };
}

/** Speech is a stream too, of sound. */
function isEventStream({ meta }: PendingJob): boolean {
  return meta.stream && CHAT_DIALECTS.some((dialect) => dialect === meta.dialect);
}
