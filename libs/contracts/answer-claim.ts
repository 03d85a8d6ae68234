import { InvalidMessage } from './job.ts';

/**
 * Who answers the requests of one name, a virtual key's idempotency key or a request that is made once for several clients. The last
 * message of `answerClaimSubject`; it is replaced only by those who know its sequence, so that exactly one ingress holds it.
 *
 * none ──▶ running ──▶ kept        the answer is stored under the job's id
 *   ▲         │  └───▶ too_large   it was answered, and is not stored
 *   └─────────┘ removed: the answer was a passing failure, or shall not be kept
 */
export interface AnswerClaim {
  readonly v: 1;
  readonly state: 'running' | 'kept' | 'too_large';
  /** Hash of what was asked: another request under the same name is not the same. */
  readonly fingerprint: string;
  /** Who runs it. A claim of an ingress that does not know it (any more) is free for the next. */
  readonly ingress: string;
  /** The job that answered; absent while it runs. */
  readonly job?: string | undefined;
}

export function encodeAnswerClaim(claim: AnswerClaim): Uint8Array {
  return Buffer.from(JSON.stringify(claim));
}

/** Throws `InvalidMessage`. */
export function decodeAnswerClaim(data: Uint8Array): AnswerClaim {
  const value = parse(data) as Partial<AnswerClaim> | null;
  const isWhole = typeof value?.fingerprint === 'string' && typeof value.ingress === 'string' && typeof value.state === 'string';
  if (value?.v !== 1 || !isWhole) throw new InvalidMessage('a claim of an answer is not readable');
  return value as AnswerClaim;
}

function parse(data: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString());
  } catch (error) {
    throw new InvalidMessage('a claim of an answer is not JSON', { cause: error });
  }
}
