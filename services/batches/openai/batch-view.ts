import type { StoredBatch } from '#db';
import { seconds } from '../files/file-view.ts';

/** OpenAI's batch object (https://platform.openai.com/docs/api-reference/batch/object), and what it has cost. */
export function batchView(batch: StoredBatch) {
  const { state, errors, endedAt } = batch;
  const endedIn = (...states: string[]): number | null => (states.includes(state) ? seconds(endedAt) : null);
  return {
    id: batch.id,
    object: 'batch',
    endpoint: batch.endpoint,
    model: batch.model,
    errors: errors === null ? null : { object: 'list', data: errors },
    input_file_id: batch.inputFileId,
    completion_window: batch.completionWindow,
    status: state,
    output_file_id: batch.outputFileId,
    error_file_id: batch.errorFileId,
    created_at: seconds(batch.createdAt),
    in_progress_at: seconds(batch.startedAt),
    expires_at: seconds(batch.expiresAt),
    finalizing_at: seconds(batch.finalizingAt),
    completed_at: endedIn('completed'),
    failed_at: endedIn('failed'),
    expired_at: endedIn('expired'),
    cancelling_at: seconds(batch.cancellingAt),
    cancelled_at: endedIn('cancelled'),
    request_counts: { total: batch.total, completed: batch.succeeded, failed: batch.failed + batch.cancelled + batch.expired },
    usage: {
      input_tokens: batch.inputTokens,
      input_tokens_details: { cached_tokens: batch.cachedTokens },
      output_tokens: batch.outputTokens,
      output_tokens_details: { reasoning_tokens: batch.reasoningTokens },
      total_tokens: batch.inputTokens + batch.outputTokens,
    },
    metadata: batch.metadata,
    headrace: { spend_usd: batch.spentUsd, max_spend_usd: batch.maxUsd },
  };
}
