import type { ErrorCode } from './error-code.ts';
import type { GuardResult } from './guard.ts';
import type { Attribution, RouteDecision } from './job.ts';
import { InvalidMessage } from './job.ts';
import type { Lane } from './lane.ts';
import type { CostBreakdown, TokenUsage } from './usage.ts';

/**
 * How an attempt ended. `lost` is booked by whoever notices that a worker died during the attempt: its usage is an estimate
 * and gives way to the worker's own word if that still comes.
 */
export const ATTEMPT_STATUSES = ['success', 'failure', 'cancelled', 'lost'] as const;
export type AttemptStatus = (typeof ATTEMPT_STATUSES)[number];

/** What the outcome means for the job, so that a redelivered message can be settled without running it again. */
export const JOB_VERDICTS = ['done', 'move', 'lost'] as const;
export type JobVerdict = (typeof JOB_VERDICTS)[number];

/**
 * One upstream attempt, published to `events.attempt.<provider>` with `attemptId` as message id, awaited before the job's ack.
 * One row in the ledger. Times are Unix milliseconds, money is decimal text in US dollars.
 */
export interface AttemptEvent {
  readonly v: 1;
  readonly job: string;
  readonly attempt: number;
  readonly delivery: number;
  readonly verdict: JobVerdict;
  readonly status: AttemptStatus;
  readonly by: Attribution;
  readonly lane: Lane;
  readonly tier: string;
  readonly stream: boolean;
  /** `/v1/chat/completions` and so on: the client's route. */
  readonly route: string;
  /** The model name the client sent, and the group the deployment was chosen from. */
  readonly requestedModel: string;
  readonly modelGroup: string;
  readonly deploymentId: string;
  readonly provider: string;
  /** The model name sent to the provider. */
  readonly model: string;
  /** Host and path prefix of the provider, no query, no credentials. */
  readonly apiBase?: string | undefined;
  readonly providerRequestId?: string | undefined;
  readonly usage: TokenUsage;
  /** Absent when the price is not known; then `priceSource` is `unknown` and the row says so. */
  readonly cost?: CostBreakdown | undefined;
  readonly priceSource: 'config' | 'file' | 'catalogue' | 'provider' | 'unknown';
  /** What the provider's prompt cache took off the price; below 0 where writing to it cost more. Absent where it was not used. */
  readonly promptCacheSavedUsd?: string | undefined;
  readonly acceptedAt: number;
  readonly startedAt: number;
  /** First content byte from the provider. */
  readonly firstTokenAt?: number | undefined;
  readonly endedAt: number;
  /** Of a job of an auto group; the tier is that of this attempt. */
  readonly decision?: RouteDecision | undefined;
  readonly upstreamStatus?: number | undefined;
  readonly finishReason?: string | undefined;
  readonly errorCode?: ErrorCode | undefined;
  readonly errorMessage?: string | undefined;
  readonly worker?: string | undefined;
  /** The answer came from the gateway's own cache: nothing was called, and the row costs nothing. */
  readonly cached?: CachedAnswerFacts | undefined;
  /** What its guardrails did, those before the job included. */
  readonly guardrails?: readonly GuardResult[] | undefined;
}

export interface CachedAnswerFacts {
  /** The entry's name, as in `x-headrace-cache-key`. */
  readonly key: string;
  /** What a call would have cost, decimal text in US dollars; undefined where no price is known. */
  readonly savedUsd?: string | undefined;
  /** Cosine, where a similar request was answered; undefined for the same one. */
  readonly similarity?: number | undefined;
}

/** Rows of `events.hits`. Throws `InvalidMessage`. */
export function decodeHits(data: Uint8Array): readonly AttemptEvent[] {
  const { rows } = parse(data);
  if (!Array.isArray(rows)) throw new InvalidMessage('a message of cache hits has no rows');
  return rows.map((row: unknown) => {
    if (typeof row !== 'object' || row === null) throw new InvalidMessage('a row of cache hits is not an object');
    const value: Record<string, unknown> = { ...row };
    assertAttemptEvent(value);
    return value;
  });
}

export function encodeHits(rows: readonly AttemptEvent[]): Uint8Array {
  return Buffer.from(JSON.stringify({ v: 1, rows }));
}

export function decodeAttemptEvent(data: Uint8Array): AttemptEvent {
  const value = parse(data);
  assertAttemptEvent(value);
  return value;
}

/** What a ledger row can't do without. */
function assertAttemptEvent(value: Record<string, unknown>): asserts value is Record<string, unknown> & AttemptEvent {
  if (value['v'] !== 1) throw new InvalidMessage(`attempt event version ${JSON.stringify(value['v'])} is not supported`);
  const named = ['job', 'status', 'lane', 'tier', 'requestedModel', 'modelGroup', 'deploymentId', 'provider', 'model'] as const;
  for (const field of named) {
    if (typeof value[field] !== 'string') throw new InvalidMessage(`${field} is not a string`);
  }
  for (const field of ['attempt', 'delivery', 'acceptedAt', 'startedAt', 'endedAt'] as const) {
    if (!Number.isSafeInteger(value[field])) throw new InvalidMessage(`${field} is not an integer`);
  }
  for (const field of ['by', 'usage'] as const) {
    if (typeof value[field] !== 'object' || value[field] === null) throw new InvalidMessage(`${field} is missing`);
  }
}

function parse(data: Uint8Array): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString());
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  } catch (error) {
    throw new InvalidMessage('an event is not JSON', { cause: error });
  }
  throw new InvalidMessage('an event is not an object');
}
