import { GatewayError } from '#contracts';

/** Whether the answer's status line had come: a cut before it is a failed call, after it a truncated answer. */
export interface FailurePoint {
  readonly hadHead: boolean;
}

/**
 * A transport failure as one of our errors. undici's codes: https://undici.nodejs.org/#/docs/api/Errors
 * The public message holds no host or address: those are the operator's.
 */
export function toUpstreamError(error: unknown, point: FailurePoint): GatewayError {
  if (error instanceof GatewayError) return error;
  const code = errorCode(error);
  if (code === 'UND_ERR_HEADERS_TIMEOUT') return new GatewayError('upstream_timeout', 'The provider did not answer in time.', { cause: error });
  if (code === 'UND_ERR_BODY_TIMEOUT') return new GatewayError('upstream_timeout', 'The provider stopped sending.', { cause: error });
  if (code.startsWith('HPE_')) {
    return new GatewayError('upstream_invalid_response', 'The provider answered with something that is not HTTP.', { cause: error });
  }
  if (point.hadHead) {
    return new GatewayError('upstream_truncated', 'The provider closed the connection before its answer was complete.', { cause: error });
  }
  return new GatewayError('upstream_unreachable', 'The provider could not be reached.', { cause: error });
}

function errorCode(error: unknown): string {
  if (typeof error !== 'object' || error === null || !('code' in error)) return '';
  return String(error.code);
}
