import { type ErrorCode, isErrorCode } from './error-code.ts';

/**
 * A deployment's breaker, in the bucket `health` under the deployment's id (`healthKey`), shared by all processes. No record: closed.
 *
 * closed ──failures──▶ open ──`until` has passed, one worker claims it──▶ probing ──success──▶ closed
 *                       ▲                                                   │ failure
 *                       └───────────────────────────────────────────────────┘
 *
 * A claim is a compare-and-set on the record's revision, so that one worker of all has it. `until` of a claim is its lease:
 * a worker that dies with it is not waited for.
 */
export interface HealthRecord {
  readonly v: 1;
  readonly deploymentId: string;
  readonly state: 'closed' | 'open' | 'probing';
  /** Unix milliseconds: end of the cooldown, or of the claim. */
  readonly until: number;
  /** Why it was opened. */
  readonly code: ErrorCode;
  /** The provider said that it is at a limit, or for how long it is busy: requests wait for it, an outage is refused at once. */
  readonly waits?: true | undefined;
  /** Since when it has been out, through all probes (Unix ms). */
  readonly since: number;
  /** The process that wrote it. */
  readonly by: string;
}

/** Whom active checks are billed to in the ledger, in place of a key's hash. */
export const HEALTH_CHECK_KEY = 'health-check';

/** A result of an active check, in the same bucket under `checkKey`. */
export interface CheckRecord {
  readonly v: 1;
  readonly deploymentId: string;
  /** Unix milliseconds. */
  readonly at: number;
  /** Absent for a success. */
  readonly error?: { readonly code: ErrorCode; readonly message: string } | undefined;
}

/** Ids may hold any character, keys of a bucket few: https://docs.nats.io/nats-concepts/jetstream/key-value-store */
export function healthKey(deploymentId: string): string {
  return /^[A-Za-z0-9_-]{1,128}$/.test(deploymentId) ? `d.${deploymentId}` : `x.${Buffer.from(deploymentId).toString('hex')}`;
}

export function checkKey(deploymentId: string): string {
  return `check.${healthKey(deploymentId)}`;
}

/** Undefined for anything else: another version's, or no record of a breaker. */
export function decodeHealthRecord(text: string): HealthRecord | undefined {
  const value = parseRecord(text);
  if (value === undefined || typeof value['deploymentId'] !== 'string' || !isErrorCode(value['code'])) return undefined;
  const { state, until, since, by, code, deploymentId } = value;
  if (state !== 'closed' && state !== 'open' && state !== 'probing') return undefined;
  if (typeof until !== 'number' || typeof since !== 'number' || typeof by !== 'string') return undefined;
  const waits = value['waits'] === true ? { waits: true as const } : {};
  return { v: 1, deploymentId, state, until, code, ...waits, since, by };
}

export function decodeCheckRecord(text: string): CheckRecord | undefined {
  const value = parseRecord(text);
  if (value === undefined || typeof value['deploymentId'] !== 'string' || typeof value['at'] !== 'number') return undefined;
  const { deploymentId, at, error } = value;
  if (error === undefined) return { v: 1, deploymentId, at };
  if (typeof error !== 'object' || error === null || !('code' in error) || !isErrorCode(error.code)) return undefined;
  return { v: 1, deploymentId, at, error: { code: error.code, message: 'message' in error ? String(error.message) : '' } };
}

function parseRecord(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && 'v' in value && value.v === 1 ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}
