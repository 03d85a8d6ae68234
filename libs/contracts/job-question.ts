import { InvalidMessage } from './job.ts';

/**
 * What is asked on `JOB_REQUESTS_SUBJECT`: about one job, which only the ingress that has it answers (with a `JobView`), and only when the
 * caller may see it; or for all that are queued or running, which every ingress answers (with a list).
 */
export type JobQuestion =
  | { readonly type: 'show' | 'cancel'; readonly job: string; readonly caller: JobCaller }
  | { readonly type: 'list'; readonly caller: JobCaller };

/** Whose jobs the caller may see: those of this key, or all of them. */
export interface JobCaller {
  readonly keyHash: string;
  readonly isMaster: boolean;
}

/** A job as its owner sees it; times are Unix milliseconds. */
export interface JobView {
  readonly id: string;
  readonly state: 'queued' | 'running' | 'done';
  readonly model: string;
  /** Upstream attempts so far, the current one included. */
  readonly attempt: number;
  readonly deploymentId: string | undefined;
  readonly provider: string | undefined;
  readonly acceptedAt: number;
  readonly startedAt: number | undefined;
  readonly deadlineAt: number | undefined;
  readonly finishedAt: number | undefined;
  /** Why it ended without an answer. */
  readonly error: { readonly code: string; readonly message: string } | undefined;
}

/** Throws `InvalidMessage`. */
export function decodeJobQuestion(data: Uint8Array): JobQuestion {
  const value = parse(data) as { readonly type?: unknown; readonly job?: unknown; readonly caller?: Partial<JobCaller> } | null;
  const isKnown = value?.type === 'list' || ((value?.type === 'show' || value?.type === 'cancel') && typeof value.job === 'string');
  if (!isKnown || typeof value?.caller?.keyHash !== 'string') throw new InvalidMessage('a question about a job is not readable');
  return value as JobQuestion;
}

function parse(data: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString());
  } catch (error) {
    throw new InvalidMessage('a question about a job is not JSON', { cause: error });
  }
}
