import type { JobMeta } from '#contracts';
import type { AttemptOutcome } from '../attempt/attempt-outcome.ts';
import type { MeteredOutcome } from '../job/attempt-record.ts';
import type { MeteredCall } from './deployment-meter.ts';

const BYTES_PER_TOKEN = 4;

/** Before the provider has counted. A body by reference has no bytes here and counts when its usage is known. */
export function roughInputTokens(body: Uint8Array): number {
  return Math.ceil(body.length / BYTES_PER_TOKEN);
}

export function meteredCall({ outcome, usage }: MeteredOutcome, { stream, hedges }: Pick<JobMeta, 'stream' | 'hedges'>): MeteredCall {
  return {
    startedAt: outcome.startedAt,
    firstTokenAt: outcome.firstTokenAt,
    endedAt: outcome.endedAt,
    stream,
    outputTokens: usage.outputTokens,
    tokens: usage.inputTokens + usage.outputTokens,
    result: resultOf(outcome, hedges !== undefined),
  };
}

/** A request that the provider refuses for its own fault says nothing about the deployment. */
function resultOf({ status, error }: AttemptOutcome, isHedge: boolean): MeteredCall['result'] {
  if (status === 'success') return 'success';
  if (error?.code === 'cancelled') return isHedge ? 'cancelled' : 'overtaken';
  if (status === 'cancelled' || error?.retry === 'never') return 'cancelled';
  return error?.code === 'upstream_timeout' ? 'timeout' : 'failure';
}
