import type { ErrorCode, GatewayError } from '#contracts';

/** Statuses of requests that are wrong in themselves. Others speak of the key, of limits or of conditions that pass. */
const STATUSES = new Set([400, 413, 415]);
/** Another deployment could take them, and the plan has tried: the request asks for too much, or for what is not allowed. */
const ALSO = new Set<ErrorCode>(['context_length_exceeded', 'content_policy_violation']);

/** Whether a failure is the request's answer for good. A retry after any other runs again. */
export function isKeptError(error: Pick<GatewayError, 'code' | 'status' | 'retry'>): boolean {
  return STATUSES.has(error.status) && (error.retry === 'never' || ALSO.has(error.code));
}
