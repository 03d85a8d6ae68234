import type { StoredBatch } from '#db';

const PROCESSING: Readonly<Partial<Record<StoredBatch['state'], string>>> = { cancelling: 'canceling' };
/** Results stay as long as the file they are in. */
const iso = (at: Date | null): string | null => at?.toISOString() ?? null;

/** Anthropic's message batch (https://docs.claude.com/en/api/retrieving-message-batches). `base`: the address clients see. */
export function messageBatchView(batch: StoredBatch, base: string) {
  const { id, total, succeeded, failed, cancelled, expired, endedAt } = batch;
  return {
    id,
    type: 'message_batch',
    processing_status: endedAt === null ? (PROCESSING[batch.state] ?? 'in_progress') : 'ended',
    request_counts: {
      processing: endedAt === null ? Math.max(0, total - succeeded - failed - cancelled - expired) : 0,
      succeeded,
      errored: failed,
      canceled: cancelled,
      expired,
    },
    ended_at: iso(endedAt),
    created_at: iso(batch.createdAt),
    expires_at: iso(batch.expiresAt),
    archived_at: null,
    cancel_initiated_at: iso(batch.cancellingAt),
    results_url: batch.outputFileId === null ? null : `${base}/v1/messages/batches/${id}/results`,
  };
}
