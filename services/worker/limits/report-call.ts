import { attemptId } from '#contracts';
import type { MeteredOutcome } from '../job/attempt-record.ts';
import type { RunningJob } from '../job/running-job.ts';
import type { WorkerResources } from '../resources.ts';
import { quotaPauseMs } from './quota-headers.ts';

/** Tells the limits of its deployment what became of a call. Costs nothing for deployments without. */
export function reportCall(
  job: RunningJob,
  { outcome, usage }: MeteredOutcome,
  { permits, now }: Pick<WorkerResources, 'permits' | 'now'>,
): void {
  const { meta, delivery } = job;
  const key = attemptId(meta.id, meta.attempt, delivery);
  if (!permits.has(key)) return;
  const { error, startedAt, firstTokenAt, endedAt } = outcome;
  const isRefusal = error?.code === 'upstream_rate_limited' || error?.code === 'upstream_overloaded';
  permits.ended(key, {
    startedAt,
    firstTokenAt,
    endedAt,
    stream: meta.stream,
    success: outcome.status === 'success',
    overloaded: isRefusal,
    retryAfterMs: isRefusal ? error.retryAfterMs : undefined,
    tokens: usage.inputTokens + usage.outputTokens,
    outputTokens: usage.outputTokens,
    quotaPauseMs: quotaPauseMs(outcome.upstreamHeaders, now()),
  });
}
