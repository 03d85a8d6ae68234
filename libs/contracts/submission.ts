import type { Lane } from './lane.ts';

/**
 * A job as a program publishes it itself: stream `SUBMIT`, subject `submissionSubject`, data is the request's body in the format of its
 * route, byte for byte what an HTTP client would send. The subject says whose it is; a publisher's NATS user may publish below its own
 * owner only, so there is no secret in a message. Version 1; new headers are optional.
 */
export interface Submission {
  readonly owner: string;
  readonly lane: Lane;
  readonly group: string;
  readonly id: string;
  /** Client route: `/v1/chat/completions` unless said otherwise. */
  readonly route: string;
  /** Unix milliseconds; absent: a day from its arrival. */
  readonly deadlineAt?: number | undefined;
  /** Request headers as an HTTP client would send them (`x-litellm-session-id`, `x-headrace-agent`, tags …), lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Answers of streams are stored piece by piece. */
  readonly live: boolean;
  readonly body: Uint8Array;
}

/** Headers of a submission's message; all optional. `Nats-Msg-Id` dedupes within two minutes, the claim in `RUNS` for as long as that lives. */
export const SUBMISSION_HEADERS = {
  route: 'Headrace-Route',
  /** ISO 8601 or Unix milliseconds. */
  deadline: 'Headrace-Deadline',
  /** `1`: pieces while it runs. */
  live: 'Headrace-Live',
  /** Any other header with this prefix is the request header behind it. */
  requestPrefix: 'Headrace-H-',
} as const;

/** Deterministic: the same submission is the same job, however often it is sent. A subject token. */
export function submissionJobId(owner: string, group: string, id: string, hash: (text: string) => string): string {
  return `job_${hash(`${owner}\n${group}\n${id}`).slice(0, 32)}`;
}
