import { isTimeBuckets, type TimeBuckets } from './time-buckets.ts';

/** What one worker knows of one deployment. Counts belong to a calendar minute, averages to the answers it has seen. */
export interface DeploymentDigest {
  readonly id: string;
  /** Calls to the provider under way. */
  readonly inFlight: number;
  /** Unix time in whole minutes that the counts are of. */
  readonly minute: number;
  /** Calls started in that minute, their tokens (an estimate until the answer is there), and calls that failed. */
  readonly requests: number;
  readonly tokens: number;
  readonly errors: number;
  /** Moving averages, absent until measured: milliseconds until a stream's first token, … for an output token over the whole call. */
  readonly firstTokenMs?: number | undefined;
  readonly msPerToken?: number | undefined;
  /** Output tokens of an answer, on average. */
  readonly outputTokens?: number | undefined;
  /** Answers in the averages, at most `MOST_SAMPLES`: their weight among several workers. */
  readonly samples: number;
  /** When the last of them came (Unix ms). */
  readonly measuredAt: number;
  /** Where hedging asks for them: times of streams to their first token, and of answers in one piece. */
  readonly firstTokenTimes?: TimeBuckets | undefined;
  readonly answerTimes?: TimeBuckets | undefined;
}

/** The averages of a worker weigh no more than this many answers. */
export const MOST_SAMPLES = 10;

/**
 * A worker's whole view, on core NATS. It replaces the worker's one before, so that a lost one is made good by the next.
 */
export interface WorkerStatus {
  readonly v: 1;
  readonly worker: string;
  readonly deployments: readonly DeploymentDigest[];
}

/** At most this often a worker tells of changes, and while calls are under way at least this often of nothing new. */
export const STATUS_INTERVAL_MS = 250;
export const STATUS_KEEPALIVE_MS = 1_000;
/** A worker with calls under way that was silent for so long is dead, and its calls with it. */
export const STATUS_SILENCE_MS = 3_000;

const MINUTE_MS = 60_000;

/** The calendar minute of a moment (Unix ms): what LiteLLM counts requests and tokens by. */
export function minuteOf(now: number): number {
  return Math.floor(now / MINUTE_MS);
}

/** Undefined for anything but a status of this version: it is only a hint, and not worth an error. */
export function decodeWorkerStatus(data: Uint8Array): WorkerStatus | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(data).toString());
    return isWorkerStatus(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isWorkerStatus(value: unknown): value is WorkerStatus {
  if (!isRecord(value) || value['v'] !== 1 || typeof value['worker'] !== 'string') return false;
  return Array.isArray(value['deployments']) && value['deployments'].every(isDigest);
}

const COUNTS = ['inFlight', 'minute', 'requests', 'tokens', 'errors', 'samples', 'measuredAt'] as const;
const TIMES = ['firstTokenTimes', 'answerTimes'] as const;
const AVERAGES = ['firstTokenMs', 'msPerToken', 'outputTokens'] as const;

function isDigest(value: unknown): boolean {
  if (!isRecord(value) || typeof value['id'] !== 'string') return false;
  const isMeasure = (field: string): boolean => Number.isFinite(value[field]) && Number(value[field]) >= 0;
  if (!TIMES.every((field) => value[field] === undefined || isTimeBuckets(value[field]))) return false;
  return COUNTS.every(isMeasure) && AVERAGES.every((field) => value[field] === undefined || isMeasure(field));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
