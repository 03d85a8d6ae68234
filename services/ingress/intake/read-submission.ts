import { hash } from 'node:crypto';
import type { PulledJob } from '#bus';
import {
  GatewayError,
  InvalidMessage,
  type RunName,
  readSubmissionHeaders,
  readSubmissionName,
  type Submission,
  submissionJobId,
  type SubmissionName,
} from '#contracts';
import { type ClientCall, readRequest } from '../chat/read-request.ts';
import { matchRoute } from './match-route.ts';

/** A submission as it came, once it is known whose it is and what it is called. */
export interface NamedSubmission {
  readonly name: SubmissionName;
  /** Its place among the answers. */
  readonly run: RunName;
  readonly pulled: PulledJob;
}

const DAY_MS = 24 * 3_600_000;

/** Throws `InvalidMessage` for a subject that names nobody who could be told. */
export function nameSubmission(pulled: PulledJob): NamedSubmission {
  const name = readSubmissionName(pulled.subject);
  const { owner, group, id } = name;
  return { name, run: { owner, group, job: submissionJobId(owner, group, id, (text) => hash('sha256', text)) }, pulled };
}

/** Throws `invalid_request` for headers that can't be read. */
export function readSubmission({ name, pulled }: NamedSubmission): Submission & { readonly deadlineAt: number } {
  try {
    const headers = readSubmissionHeaders(pulled.readHeaders());
    return { ...name, ...headers, deadlineAt: headers.deadlineAt ?? pulled.storedAt + DAY_MS, body: pulled.data };
  } catch (error) {
    if (!(error instanceof InvalidMessage)) throw error;
    throw new GatewayError('invalid_request', `The submission can't be read: ${error.message}.`, { cause: error });
  }
}

/** Throws what its route throws for a request: `route_not_found`, `invalid_json`, `invalid_request`, `body_too_large`. */
export function readCall({ route: named, body, lane }: Submission, maxRequestBytes: number): ClientCall {
  if (lane === 'live') {
    throw new GatewayError('invalid_request', 'Jobs are submitted to the lane background or batch: live is for clients that wait.', {
      param: 'lane',
    });
  }
  if (body.length > maxRequestBytes) {
    throw new GatewayError('body_too_large', `The body has ${body.length} bytes; at most ${maxRequestBytes} are taken.`);
  }
  const { route, address } = matchRoute(named);
  return readRequest(Buffer.from(body.buffer, body.byteOffset, body.byteLength), route.dialect, address);
}
