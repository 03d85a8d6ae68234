import {
  addUsage,
  decodeSentAnswer,
  encodeSentAnswer,
  GatewayError,
  type JobMeta,
  type SentAnswer,
  sentAnswerRef,
  type TokenUsage,
} from '#contracts';
import type { WorkerResources } from '../../resources.ts';

/** What the client has of the answer from earlier attempts; undefined for a first one. Throws `GatewayError`. */
export async function loadSent(meta: JobMeta, { bodies }: Pick<WorkerResources, 'bodies'>): Promise<SentAnswer | undefined> {
  if (meta.sentRef === undefined) return undefined;
  let data: Uint8Array | undefined;
  try {
    data = await bodies.get(meta.sentRef);
  } catch (cause) {
    throw new GatewayError('service_unavailable', 'What was sent of the answer could not be read from the store.', { cause });
  }
  if (data === undefined) throw new GatewayError('internal_error', 'What was sent of the answer is no longer stored.', { retry: 'never' });
  return decodeSentAnswer(data);
}

export interface StoredSent {
  readonly sentRef: string;
  readonly spent: TokenUsage;
}

/**
 * Leaves what the client has for the next attempt, with what this one used. By reference whatever the size: it happens only when a
 * stream has failed, and a job's header has no place for a long answer.
 */
export async function storeSent(
  meta: JobMeta,
  sent: SentAnswer,
  used: TokenUsage,
  { bodies }: Pick<WorkerResources, 'bodies'>,
): Promise<StoredSent> {
  const spent = addUsage(sent.spent, used);
  const sentRef = sentAnswerRef(meta.id, meta.attempt + 1);
  await bodies.put(sentRef, encodeSentAnswer({ ...sent, spent }));
  return { sentRef, spent };
}
