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
  if (code === 'UND_ERR_INVALID_ARG' || code === 'ERR_INVALID_URL') return unsendable(error);
  if (code === 'UND_ERR_HEADERS_TIMEOUT')
    return new GatewayError('upstream_timeout', 'The provider did not answer in time.', { cause: error });
  if (code === 'UND_ERR_BODY_TIMEOUT') return new GatewayError('upstream_timeout', 'The provider stopped sending.', { cause: error });
  if (isNotHttp(error, code)) {
    return new GatewayError('upstream_invalid_response', 'The provider answered with something that is not HTTP.', { cause: error });
  }
  if (point.hadHead) {
    return new GatewayError('upstream_truncated', 'The provider closed the connection before its answer was complete.', { cause: error });
  }
  return new GatewayError('upstream_unreachable', 'The provider could not be reached.', { cause: error });
}

/** Bytes the parser refuses (its errors have a code only for some of its reasons) or a head without end. */
function isNotHttp(error: unknown, code: string): boolean {
  return code.startsWith('HPE_') || code === 'UND_ERR_HEADERS_OVERFLOW' || (error instanceof Error && error.name === 'HTTPParserError');
}

/** A URL or a header that undici refuses: the operator's configuration. */
export function unsendable(error: unknown): GatewayError {
  return new GatewayError('upstream_unreachable', 'The provider’s address or headers are not valid.', { cause: error, retry: 'elsewhere' });
}

/** Failures of the connection's making: nobody answers at the address. A host that accepts and hangs up is somebody. */
const CONNECT_FAILURES: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'UND_ERR_CONNECT_TIMEOUT',
]);

export function isConnectFailure(error: GatewayError): boolean {
  return error.code === 'upstream_unreachable' && CONNECT_FAILURES.has(errorCode(error.cause));
}

function errorCode(error: unknown): string {
  if (typeof error !== 'object' || error === null || !('code' in error)) return '';
  return String(error.code);
}
