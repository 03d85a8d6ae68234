import { hash } from 'node:crypto';
import type { DurableMessage } from '#bus';
import { GatewayError, type Lane, SUBMISSION_HEADERS, submissionJobId, submissionSubject } from '#contracts';

/** A job to be done: what an HTTP client would send, and how it is called. */
export interface JobRequest {
  /** What it belongs to: results are read a group at a time. Letters, digits, `_` and `-`, at most 128. */
  readonly group: string;
  /** Unique within its group for as long as results are kept: the same id again is the same job, and is not run twice. */
  readonly id: string;
  /** The request's body in the format of its route: JSON, or what will be written as JSON. */
  readonly body: Uint8Array | object;
  /** `/v1/chat/completions` unless said otherwise. */
  readonly route?: string | undefined;
  /** `batch` unless said otherwise. */
  readonly lane?: Exclude<Lane, 'live'> | undefined;
  /** Unix milliseconds; a day from its arrival unless said otherwise. */
  readonly deadlineAt?: number | undefined;
  /** Request headers (`x-litellm-session-id`, tags …). */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Answers of streams are stored piece by piece, so that they can be followed. */
  readonly live?: boolean | undefined;
}

const TOKEN = /^[A-Za-z0-9_-]{1,128}$/;

/** Throws `GatewayError` for a name that is no subject token, naming the field. */
export function requireToken(field: string, value: string): void {
  if (TOKEN.test(value)) return;
  throw new GatewayError('invalid_request', `${field} must be 1 to 128 letters, digits, "_" or "-", not ${JSON.stringify(value)}.`, {
    param: field,
  });
}

/** The job's id, as the gateway will call it. */
export function jobIdOf(owner: string, { group, id }: Pick<JobRequest, 'group' | 'id'>): string {
  return submissionJobId(owner, group, id, (text) => hash('sha256', text));
}

/** The message that submits it. Throws `GatewayError` for what the queue could not take. */
export function submissionMessage(owner: string, request: JobRequest, mostBytes: number): DurableMessage {
  const { group, id, lane = 'batch' } = request;
  requireToken('group', group);
  requireToken('id', id);
  const data = request.body instanceof Uint8Array ? request.body : Buffer.from(JSON.stringify(request.body));
  if (data.length > mostBytes) {
    throw new GatewayError('body_too_large', `The body of ${id} has ${data.length} bytes; the queue takes ${mostBytes}.`, {
      param: 'body',
    });
  }
  const subject = submissionSubject({ owner, lane, group, id });
  return { subject, data, messageId: subject, headers: headersOf(request) };
}

function headersOf({ route, deadlineAt, live, headers }: JobRequest): Record<string, string> {
  const list: Record<string, string> = {};
  if (route !== undefined) list[SUBMISSION_HEADERS.route] = route;
  if (deadlineAt !== undefined) list[SUBMISSION_HEADERS.deadline] = String(Math.round(deadlineAt));
  if (live === true) list[SUBMISSION_HEADERS.live] = '1';
  for (const name in headers) list[SUBMISSION_HEADERS.requestPrefix + name.toLowerCase()] = headers[name] ?? '';
  return list;
}
