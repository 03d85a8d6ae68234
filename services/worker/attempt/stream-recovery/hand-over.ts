import type { JobMeta, MovedMeta, TokenUsage } from '#contracts';
import type { WorkerResources } from '../../resources.ts';
import type { AttemptOutcome } from '../attempt-outcome.ts';
import { storeSent } from './store-sent.ts';

/** What the next attempt and the ingress must know of a stream that failed after the client had text of it. */
export type HandOver = Pick<MovedMeta, 'recovery' | 'sentRef' | 'spent'>;

/** An attempt that failed before its own first content leaves what it was left itself. Rejects when the store can't be reached. */
export async function handOver(
  meta: JobMeta,
  failed: { readonly outcome: AttemptOutcome; readonly usage: TokenUsage },
  resources: Pick<WorkerResources, 'bodies'>,
): Promise<HandOver> {
  const { recovery } = failed.outcome;
  if (recovery?.kind === 'restart') return failed.outcome.relayed ? { recovery: 'restart' } : {};
  if (recovery?.kind === 'continue') return { recovery: 'continue', ...(await storeSent(meta, recovery.sent, failed.usage, resources)) };
  return meta.sentRef === undefined ? {} : { recovery: 'continue', sentRef: meta.sentRef };
}
